"""One request for run, submit, plan and import: what it leaves out is what the analysis and the devices have."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from analysis import Methods
from devices import HardwareOptions
from hotward import options
from hotward.requests import ImportRequest, MeasurementRequest, PlanRequest, Request, RunRequest
from hotward.typer_commands import from_request, request_words

SEVERAL = (RunRequest, PlanRequest, ImportRequest)


@pytest.mark.parametrize("request_", [RunRequest(protocol="heat-exchange"), PlanRequest(protocol="heat-exchange")])
def test_what_is_not_asked_of_hardware_is_as_the_devices_have_it(request_: MeasurementRequest) -> None:
    assert request_.hardware() == HardwareOptions()


def test_what_is_asked_of_hardware_reaches_it() -> None:
    asked = RunRequest(protocol="heat-exchange", qubits="12,13", passes=2, twirling="all", fractional=True)
    assert asked.hardware() == HardwareOptions(qubits=(12, 13), passes=2, twirling="all", fractional=True)


def test_what_is_not_asked_of_the_analysis_is_as_the_analysis_has_it() -> None:
    for request in (RunRequest(protocol="heat-exchange"), ImportRequest(files=[Path("counts.csv")])):
        assert request.methods() == Methods()
    asked = RunRequest(protocol="heat-exchange", draws=7, estimator="linear-inversion")
    assert asked.methods() == Methods(draws=7, estimator="linear-inversion")


def test_requests_share_what_both_have() -> None:
    shared = {field.name for field in fields(Request)}
    for kind in SEVERAL:
        assert shared < {field.name for field in fields(kind)}
    run, plan = ({word.name: word for word in request_words(kind)} for kind in (RunRequest, PlanRequest))
    assert set(plan) < set(run)
    assert {name for name, word in plan.items() if word != run[name]} == {"seed"}, "only its help differs"


@pytest.mark.parametrize("kind", SEVERAL)
def test_words_stand_in_the_order_of_the_options(kind: type[Request]) -> None:
    places = [options.ORDER.index(word.annotation) for word in request_words(kind)]
    assert places == sorted(places)


def test_a_command_gets_its_request_and_its_own_words() -> None:
    @from_request
    def shown(request: PlanRequest, json: options.Json = False) -> None:
        got.append((request, json))

    got: list[tuple[PlanRequest, bool]] = []
    given = {word.name: word.default for word in request_words(PlanRequest)} | {"protocol": "heat-pump", "shots": 8}
    shown(**given, json=True)
    assert got == [(PlanRequest(protocol="heat-pump", shots=8), True)]
