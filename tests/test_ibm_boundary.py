"""What our boundary with the client rests on, held against the version that is installed.

Where one of these fails after an update of qiskit-ibm-runtime, `devices/ibm/client.py` is the file to change.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from dataclasses import replace

import ibm_imports  # noqa: F401  # all that a run needs, imported in the main thread
import pytest
from fake_ibm import API_KEY, LocalPlatform
from qiskit import QuantumCircuit
from qiskit_ibm_runtime.api.auth import CloudAuth
from qiskit_ibm_runtime.decoders.defaults import DEFAULT_DECODERS

from devices.errors import (
    NotAuthorised,
    NotFound,
    PlatformError,
    Refused,
    Silent,
    TooManyRequests,
    Unintelligible,
    Unreachable,
)
from devices.ibm import PROGRAMS, Cloud, HardwareOptions, open_cloud, send
from devices.ibm import client as _client
from devices.ibm.sampler import decoded

ANSWERS: list[tuple[Mapping[str, typing.Any], type[PlatformError]]] = [
    ({"action": "status", "code": 400}, Refused),
    ({"action": "status", "code": 401}, NotAuthorised),
    ({"action": "status", "code": 403}, NotAuthorised),
    ({"action": "status", "code": 404}, NotFound),
    ({"action": "status", "code": 409}, Refused),
    ({"action": "status", "code": 413}, Refused),
    ({"action": "status", "code": 418}, Refused),
    ({"action": "status", "code": 429}, TooManyRequests),
    ({"action": "status", "code": 500}, Unreachable),
    ({"action": "status", "code": 501}, Unreachable),
    # of this one the client makes an error without a code, for maintenance
    ({"action": "status", "code": 503}, Unreachable),
    ({"action": "status", "code": 520}, Unreachable),
    ({"action": "drop_before"}, Unreachable),
    ({"action": "truncate"}, Unreachable),
    ({"action": "truncate_clean"}, Unintelligible),
    ({"action": "garbage"}, Unintelligible),
    ({"action": "empty"}, Unintelligible),
    ({"action": "hang"}, Silent),
]
"""What goes wrong, and which error of ours it is."""


def orders(cloud: Cloud) -> dict[str, Callable[[], object]]:
    """Two questions and the two orders that cost something, each one request of its kind."""
    backend = cloud.backend("ibm_manila")
    circuit = QuantumCircuit(1, 1)
    circuit.measure(0, 0)

    def submit() -> str:
        return cloud.submit(lambda mode: send(mode, [circuit], 10, HardwareOptions(), ["tag"], 60), backend)

    known = submit()
    return {
        "job": lambda: cloud.look(known),
        "list-jobs": lambda: cloud.tagged("tag"),
        "open-session": lambda: cloud.open_batch(backend, 60),
        "submit": submit,
    }


@pytest.mark.parametrize("kind", ["job", "list-jobs", "open-session", "submit"])
def test_every_answer_is_one_error_of_ours_whatever_was_asked(platform: LocalPlatform, kind: str) -> None:
    cloud = open_cloud()
    ask = orders(cloud)[kind]
    met: dict[tuple[object, ...], type[PlatformError]] = {}
    for answer, error in ANSWERS:
        if error is Silent:
            cloud.patience = replace(cloud.patience, answer=0.5, submission=0.5)
        fault = platform.fault(kind=kind, times=-1, **answer)
        with pytest.raises(PlatformError) as raised:
            ask()
        platform.clear_faults()
        met[*answer.values()] = type(raised.value)
        # what is refused as unauthorised is asked again, once, with a new token; a submission is not
        again = error is NotAuthorised and answer["code"] in (401, 403) and kind in ("job", "list-jobs")
        assert fault.hits == 1 + again, answer
        assert len(str(raised.value)) < 400
        assert "127.0.0.1" not in str(raised.value)
    assert met == {(*answer.values(),): error for answer, error in ANSWERS}


@pytest.mark.parametrize("code", [500, 503])
def test_what_could_cost_twice_is_sent_once(platform: LocalPlatform, code: int) -> None:
    """The client repeats a POST five times; ours does not, neither for a job nor for a batch."""
    asked = orders(open_cloud())
    for kind in ("submit", "open-session"):
        fault = platform.fault(kind=kind, action="status_after", code=code, times=-1)
        with pytest.raises(Unreachable):
            asked[kind]()
        assert fault.hits == 1
    # one job was submitted before
    assert (len(platform.jobs), len(platform.sessions)) == (2, 1)


def test_the_client_would_send_the_key_in_place_of_a_token(platform: LocalPlatform) -> None:
    """And announces it with the warning that we know; it cannot with the key that we give it."""
    crn = platform.crn("lab-premium")
    platform.fault(kind="iam", action="status", code=400, times=-1)
    with pytest.warns(UserWarning, match=_client._KEY_INSTEAD_OF_TOKEN):
        assert CloudAuth(API_KEY, crn).get_headers()["Authorization"] == f"apikey {API_KEY}"
    for guarded in (CloudAuth(_client._Key(API_KEY), crn), CloudAuth(_client._Key(API_KEY), crn).__deepcopy__()):
        with (
            pytest.warns(UserWarning, match=_client._KEY_INSTEAD_OF_TOKEN),
            pytest.raises(PermissionError, match=_client._KEY_INSTEAD_OF_TOKEN),
        ):
            guarded.get_headers()
    platform.clear_faults()
    assert CloudAuth(_client._Key(API_KEY), crn).get_headers()["Authorization"].startswith("Bearer ey")


def test_without_a_token_nothing_leaves_an_open_service(platform: LocalPlatform) -> None:
    platform.accounts.token_ttl = 12
    cloud = open_cloud()
    # the client counts a token as expired 10 s before it is
    platform.clock.sleep(2.5)
    platform.fault(kind="iam", action="status", code=400, times=-1)
    asked = len(platform.requests)
    with pytest.raises(Unreachable, match="identity service"):
        cloud.look("d0123456789abcdef")
    assert {request.kind for request in platform.requests[asked:]} == {"iam"}
    assert not any(request.leaks_key for request in platform.requests)


@pytest.mark.parametrize("program", PROGRAMS.values())
def test_the_decoders_read_results_and_nothing_else(program: str) -> None:
    assert DEFAULT_DECODERS[program]
    for text in ("", "<html>Bad gateway</html>", '{"cut": [1, 2'):
        with pytest.raises(Unintelligible):
            decoded(text, program)
