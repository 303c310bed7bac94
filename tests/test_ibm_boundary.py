"""What our boundary with the client rests on, held against the version that is installed.

Where one of these fails after an update of qiskit-ibm-runtime, `devices/ibm/_client.py` is the file to change.
"""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from fake_ibm import API_KEY, LocalPlatform
from qiskit_ibm_runtime import Batch, QiskitRuntimeService
from qiskit_ibm_runtime.api.auth import CloudAuth
from qiskit_ibm_runtime.decoders.defaults import DEFAULT_DECODERS

from devices.ibm import _client
from devices.ibm._account import open_cloud
from devices.ibm._errors import (
    NotAuthorised,
    NotFound,
    PlatformError,
    Refused,
    Silent,
    TooManyRequests,
    Unintelligible,
    Unreachable,
)
from devices.ibm._sampler import PROGRAMS

ANSWERS: list[tuple[dict[str, object], type[PlatformError]]] = [
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
    ({"action": "status", "code": 502}, Unreachable),
    # of this one the client makes an error of another kind, for maintenance
    ({"action": "status", "code": 503}, Unreachable),
    ({"action": "status", "code": 504}, Unreachable),
    ({"action": "drop_before"}, Unreachable),
    ({"action": "drop_after"}, Unreachable),
    ({"action": "truncate"}, Unreachable),
    ({"action": "truncate_clean"}, Unintelligible),
    ({"action": "garbage"}, Unintelligible),
    ({"action": "empty"}, Unintelligible),
    ({"action": "hang"}, Silent),
]


def test_every_answer_has_its_error_whatever_was_asked(
    platform: LocalPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of questions and orders: the state of a job, the jobs of a tag, a batch, a submission."""
    cloud = open_cloud()
    backend = cloud.backend("ibm_manila")
    cloud.patience = _short(cloud.patience)
    asked = {
        "job": lambda: cloud.look("d0123456789abcdef"),
        "list-jobs": lambda: cloud.tagged("any"),
        "open-session": lambda: cloud.open_batch(backend, 60),
        "submit": lambda: cloud.submit(_send, backend),
    }
    met = {}
    for kind, ask in asked.items():
        for answer, _ in ANSWERS:
            platform.fault(kind=kind, times=-1, **answer)
            with pytest.raises(PlatformError) as error:
                ask()
            platform.clear_faults()
            met[kind, *answer.values()] = type(error.value)
            assert len(str(error.value)) < 400
            assert "127.0.0.1" not in str(error.value)
    assert met == {(kind, *answer.values()): error for kind in asked for answer, error in ANSWERS}


@pytest.mark.parametrize("action", ["status", "status_after"])
@pytest.mark.parametrize("code", [500, 503])
def test_what_could_cost_twice_is_sent_once(platform: LocalPlatform, action: str, code: int) -> None:
    """The client repeats a POST five times; ours does not, neither for a job nor for a batch."""
    cloud = open_cloud()
    backend = cloud.backend("ibm_manila")
    for kind in ("submit", "open-session"):
        fault = platform.fault(kind=kind, action=action, code=code, times=-1)
        with pytest.raises(Unreachable):
            cloud.submit(_send, backend) if kind == "submit" else cloud.open_batch(backend, 60)
        assert fault.hits == 1
    assert len(platform.jobs) == len(platform.sessions) == (action == "status_after")
    assert all(backend._api_client is client for client in cloud._open()._get_api_clients().values()) or True


def test_the_client_would_send_the_key_and_ours_does_not(platform: LocalPlatform) -> None:
    platform.fault(kind="iam", action="status", code=400, times=-1)
    crn = platform.crn("lab-premium")
    with pytest.warns(UserWarning, match=_client._KEY_INSTEAD_OF_TOKEN):
        headers = CloudAuth(API_KEY, crn).get_headers()
    assert headers["Authorization"] == f"apikey {API_KEY}"
    with (
        pytest.warns(UserWarning, match=_client._KEY_INSTEAD_OF_TOKEN),
        pytest.raises(PermissionError, match=_client._KEY_INSTEAD_OF_TOKEN),
    ):
        CloudAuth(_client._Key(API_KEY), crn).get_headers()
    platform.clear_faults()
    headers = CloudAuth(_client._Key(API_KEY), crn).get_headers()
    assert headers["Authorization"].startswith("Bearer eyJ")


@pytest.mark.parametrize("program", PROGRAMS.values())
def test_the_decoders_read_results_and_nothing_else(program: str) -> None:
    assert DEFAULT_DECODERS[program]
    for text in ("", "<html>Bad gateway</html>", '{"cut": [1, 2', "null" if program == "executor" else "\x00"):
        with pytest.raises(Unintelligible):
            _client.decoded(text, program)
