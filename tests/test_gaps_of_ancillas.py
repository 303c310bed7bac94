"""The gap of an ancilla may depend on the point: predicted energies, what a run records, and zero or negative gaps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from devices.record import recorded_gap, registers_of
from protocols import ProtocolError, compile
from protocols.collisions.ancillas import Thermal
from protocols.collisions.collisions import Collisions, Structure
from protocols.collisions.evolution import Step
from protocols.collisions.operations import Operation, exchange
from protocols.program.observable import Observable, linear
from protocols.program.parameters import parameter
from protocols.program.points import Points
from protocols.quantities.thermal import excited_population
from protocols.types.arrays import Array

Real = float | Array | Sequence[float]


@dataclass(frozen=True, kw_only=True, eq=False)
class Tuned(Collisions):
    """A ground-state qubit that meets one ancilla, whose gap is a parameter and half of it in arm `half`."""

    T: Real = parameter(0.7, unit="gap/k_B", low=0, strict=True, meaning="temperature of the ancilla")
    width: Real = parameter(1.0, unit="gap", meaning="gap of the ancilla")
    angle: Real = parameter(0.6, unit="rad", meaning="angle of the exchange")
    collisions: Real = parameter(1, low=0, high=10, whole=True, meaning="number of ancillas met")

    name: ClassVar[str] = "tuned"
    controls: ClassVar[tuple[str, ...]] = ("half",)
    system: ClassVar[str] = "target"

    @property
    def qubits(self) -> tuple[str, ...]:
        return ("target",)

    def members(self, points: Points, arm: str) -> Array:
        return np.ones((len(points), 1))

    def prepare(self, member: int, arm: str) -> Sequence[Operation]:
        return ()

    def collision(self, index: int, arm: str, structure: Structure) -> Sequence[Step]:
        return [Thermal(register="bath", excited="p", gap="w"), exchange("target", "bath", "phi")]

    def values(self, points: Points, arm: str) -> Mapping[str, Array]:
        known = points.parameters
        w = known["width"] / 2 if arm == "half" else known["width"]
        return {"p": excited_population(known["T"], gap=w), "w": w, "phi": known["angle"]}

    @staticmethod
    def observables(points: Points) -> tuple[Observable, ...]:
        return (linear("energy", "bath", ("bath",), lambda s: s.moments["bath"]),)


WIDTHS = [1.5, 0.4, 0.0, -0.8]


def test_energies_are_the_gap_of_the_point_times_the_population():
    points = Tuned(width=WIDTHS).points({"control": "half"}, "nominal")
    for arm, factor in (("main", 1.0), ("half", 0.5)):
        w = factor * points.parameters["width"]
        p = 1 / (1 + np.exp(w / 0.7))
        expected = w * p * np.cos(0.6) ** 2
        np.testing.assert_allclose(Tuned(width=WIDTHS).registers(points, arm)["bath"], expected, atol=1e-12)
        np.testing.assert_allclose(Tuned(width=WIDTHS).reference_registers(points, arm)["bath"], w * p, atol=1e-12)


def test_a_record_has_one_number_where_all_gaps_are_equal_and_else_those_of_every_arm():
    program = compile(Tuned(width=WIDTHS), Tuned(width=WIDTHS).points({"control": "half"}, "nominal"), shots=64)
    columns = registers_of(program)["bath"]
    order = program.points.parameters["width"]
    assert columns[0]["gap"] == {"main": order.tolist(), "half": (order / 2).tolist()}
    one = Tuned(width=0.4)
    assert recorded_gap(one, "w", one.points({}, "nominal")) == 0.4
    assert recorded_gap(None, 0.7, one.points({}, "nominal")) == 0.7


@pytest.mark.parametrize(("gap", "text"), [("v", "lacks 'v'"), (float("nan"), "a gap of nan")])
def test_a_gap_that_is_no_number_and_no_value_is_named_with_its_repair(gap, text):
    class Wrong(Tuned):
        def collision(self, index, arm, structure):
            return [Thermal(register="bath", excited="p", gap=gap), exchange("target", "bath", "phi")]

    with pytest.raises(ProtocolError, match=text):
        Wrong()
