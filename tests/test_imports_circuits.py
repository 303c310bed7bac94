"""What an imported file shows of its circuits: wires of bits that acted, supply of ancillas, preparation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest
from conftest import slow

from analysis.data import check_columns
from devices import RunError, execute, open_device
from devices.imports import import_file
from protocols import compile
from protocols.collisions import (
    FEEDBACKS,
    PREPARATIONS,
    Collisions,
    Feedback,
    Operation,
    Step,
    Structure,
    Thermal,
    acting_columns,
    columns,
    computational,
    exchange,
    gate,
)
from protocols.program import Observable, Points, drawn, parameter
from protocols.types import Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Recorded(Collisions):
    """A qubit meets ancillas that feedback acts on, and a quantity reads them jointly."""

    initial: float | Sequence[float] = parameter(0.3, low=0, high=1, meaning="excited at the start")
    collisions: float | Sequence[float] = parameter((0, 1, 2), low=0, high=100, whole=True, meaning="ancillas met")

    name: ClassVar[str] = "recorded"
    system: ClassVar[str] = "S"
    controls: ClassVar[tuple[str, ...]] = ()
    offers: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "preparation": PREPARATIONS,
        "ancillas": ("reset", "fresh"),
        "feedback": FEEDBACKS,
    }

    @property
    def qubits(self) -> tuple[str, ...]:
        return ("S",)

    def members(self, points: Points, arm: str) -> Array:
        return np.stack([1 - points.parameters["initial"], points.parameters["initial"]], axis=-1)

    def prepare(self, member: int, arm: str) -> Sequence[Operation]:
        return computational(member, self.qubits)

    def collision(self, index: int, arm: str, structure: Structure) -> Sequence[Step]:
        # the register of the bits is the ancilla's own, whose reads before resets have such names, too
        used = Feedback(wire="bath", then=(gate("x", "S"),), register="bath")
        return [Thermal(register="bath", excited="p"), exchange("S", "bath", "phi"), used]

    def values(self, points: Points, arm: str) -> Mapping[str, Array]:
        return {"p": np.full(len(points), 0.2), "phi": np.full(len(points), 0.7)}

    @staticmethod
    def observables(points: Points) -> tuple[Observable, ...]:
        read = acting_columns(points, "bath", int(points.parameters["collisions"].max()), register="bath")
        return (drawn("seen", "S", ("Z",), lambda s: s.resolved[read].weighted("Z", 2).sum(), resolved=read),)


def both(tmp_path, options):
    """A run, and the import of its own counts."""
    experiment = Recorded(collisions=[1, 2])
    program = compile(experiment, experiment.points(options), shots=300, calibration_shots=200)
    run = execute(program, open_device("aer"), runs=tmp_path / "runs", seed=4)
    again = import_file(
        run.path / "counts.csv",
        protocol=Recorded,
        build=lambda known: Recorded(**{"collisions": 2.0, **known}),
        runs=tmp_path / "again",
    )
    return run, again


CHOICES = [("fresh", "measured"), ("reset", "measured"), slow("reset", "deferred"), slow("fresh", "deferred")]


@pytest.mark.parametrize(("supply", "form"), CHOICES)
def test_the_columns_of_a_file_decide_its_wires_and_the_supply(tmp_path, supply, form):
    run, again = both(tmp_path, {"ancillas": supply, "feedback": form, "preparation": "measured"})
    assert again.start["registers"] == run.start["registers"]
    taken = Points(parameters={}, options=again.points.options, reference=np.array([]), reference_only=np.array([]))
    there = set(run.counts().columns)
    assert {*columns(taken, "bath", 2), *acting_columns(taken, "bath", 2, register="bath")} <= there
    assert not run.counts().columns.duplicated().any()
    acted = [one["column"] for one in run.start["registers"]["bath"] if one.get("as_read")]
    assert acted == (list(acting_columns(taken, "bath", 2, register="bath")) if form == "measured" else [])
    assert again.points.options.get("feedback", "deferred") == form


@pytest.mark.parametrize("preparation", ["ensemble", "purified", slow("measured")])
def test_the_members_of_a_file_decide_the_preparation(tmp_path, preparation):
    _, again = both(tmp_path, {"ancillas": "fresh", "preparation": preparation})
    said = [note for note in again.start["notes"] if "mixed within each circuit" in note]
    mixed = preparation != "ensemble"
    assert (again.points.options.get("preparation") == "measured") == mixed == bool(said)
    assert not mixed or "members 0..1 of the file are no more than the 2 starts of recorded" in said[0]


def test_a_column_that_a_quantity_needs_is_named_with_the_quantity(tmp_path):
    run, _ = both(tmp_path, {"ancillas": "fresh", "preparation": "measured"})
    start = {**run.start, "registers": {"bath": run.start["registers"]["bath"][:1]}}
    with pytest.raises(RunError, match=r"^seen S reads the bits of bath_2, but counts.csv has no such column \(of anc"):
        check_columns(replace(run, start=start), Recorded.observables(run.points))
