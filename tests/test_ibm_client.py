"""The client as it is: what it would do by itself, and that nothing it does or raises comes through the boundary."""

from __future__ import annotations

import json
import threading
from importlib.metadata import version

import pytest
from fake_ibm import LocalPlatform
from qiskit import QuantumCircuit, transpile

from devices import errors as _errors
from devices.ibm import PROGRAMS, Cloud, HardwareOptions, ask, decoded, open_cloud, send
from devices.ibm import client as _client


def posted(cloud: Cloud, sampler: str = "executor") -> str:
    """One tiny job."""
    backend = cloud.backend("ibm_manila")
    circuit = QuantumCircuit(1, 1, name="one")
    circuit.measure(0, 0)
    executable = transpile(circuit, backend=backend)
    options = HardwareOptions(sampler=sampler)
    return cloud.submit(lambda mode: send(mode, [executable], 8, options, ["hotward-test"], 60), backend)


def test_it_is_the_one_that_all_this_was_measured_with() -> None:
    assert version("qiskit-ibm-runtime").startswith("0.51.")


def test_by_itself_it_repeats_a_submission(platform: LocalPlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should this one fail, the client has changed its ways, and `_harden` may go."""
    monkeypatch.setattr(_client, "_harden", lambda client: None)
    cloud = open_cloud()
    platform.fault(kind="submit", action="status_after", code=500, times=2)
    posted(cloud)
    assert len(platform.jobs) == 3


@pytest.mark.parametrize("sampler", ["executor", "legacy"])
def test_a_raw_result_is_decoded_offline(platform: LocalPlatform, sampler: str) -> None:
    cloud = open_cloud()
    identifier = posted(cloud, sampler)
    while cloud.look(identifier).state != "DONE":
        platform.clock.sleep(0.05)
    text = cloud.result(identifier).decode()
    assert text == platform.jobs[identifier].result
    assert decoded(text, PROGRAMS[sampler])[0].data.c.get_counts() == {"0": 8}


@pytest.mark.parametrize("question", ["job", "list-jobs"])
@pytest.mark.parametrize(
    "status", [403, 500, *(pytest.param(s, marks=pytest.mark.slow) for s in (400, 401, 404, 409, 413, 429, 502, 503))]
)
def test_what_it_says_of_an_error_is_one_short_line(platform: LocalPlatform, status: int, question: str) -> None:
    cloud = open_cloud()
    platform.fault(kind=question, action="status", code=status, times=-1)
    with pytest.raises(_errors.PlatformError) as met:
        cloud.look("d123") if question == "job" else cloud.tagged("a-tag")
    assert "127.0.0.1" not in str(met.value)
    assert "\n" not in str(met.value)
    assert len(str(met.value)) < 400


def test_a_call_that_blocks_is_given_up_from_outside() -> None:
    release = threading.Event()
    with pytest.raises(_errors.Silent, match="the weather"):
        ask("the weather", release.wait, within=0.2)
    release.set()


RAISED = (
    json.JSONDecodeError("x", "y", 0),
    TypeError("x"),
    StopIteration(),
    KeyError("id"),
    SystemExit(3),
    OSError(5, "x"),
    ZeroDivisionError(),
    UserWarning("no token"),
)
"""Most are no errors of the client at all."""


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
def test_what_it_raises_is_never_let_through(error: BaseException) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(_errors.PlatformError):
        ask("anything", fail, within=30)


def test_nothing_leaves_this_machine(platform: LocalPlatform) -> None:
    posted(open_cloud())
    assert {request.host.split(":")[0] for request in platform.requests} == {"127.0.0.1"}
