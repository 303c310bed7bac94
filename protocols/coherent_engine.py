r"""coherent-engine: coherence that a cycle leaves in its working fluid makes more work in the next one.

Klatzow et al., PRL 122, 110601 (2019), and Uzdin, Levy and Kosloff, PRX 5, 031044 (2015): abstracts only were read;
this qubit model and its numbers are the suite's own. In each cycle the fluid, one qubit, meets a fresh ancilla of
excited population q in a partial swap phi, which keeps e1 = cos^2 phi of its polarisation and e2 = cos phi of its
coherence; then a rotation RX(theta), the stroke, draws work. With b = -(1 - e1)(2q - 1) the state that a whole cycle
leaves as it was is, before the collision,

    <Y> = -sin theta b/den,   <Z> = (cos theta - e2) b/den,   den = (1 - e1)(1 - e2) + (1 - cos theta)(e1 + e2),
    W = (1 - e1)(2q - 1)(1 - cos theta)(1 + e2)/(2 den).

Dephased before each stroke (e2 = 0) it does less: for theta -> 0 by the factor (1 + e2)/(1 - e2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from protocols.collisions.ancillas import Dephase, Thermal
from protocols.collisions.collisions import Collisions, Structure
from protocols.collisions.evolution import Step
from protocols.collisions.operations import Operation, computational, exchange, gate
from protocols.program.observable import Goal, Observable, drawn, linear, theory
from protocols.program.parameters import Preset, parameter
from protocols.program.points import Points
from protocols.program.sample import Sample
from protocols.types.arrays import Array

Real = float | Array | Sequence[float]
RATIO: Mapping[str, Any] = {"interval": "fieller", "reference": True}


@dataclass(frozen=True, kw_only=True, eq=False)
class CoherentEngine(Collisions):
    """One qubit as working fluid, in the steady state of its arm.

    Examples:
        >>> engine = CoherentEngine()
        >>> before, after = engine.state(engine.points({}, "nominal"))[:, 1, 1].real
        >>> float((before - after).round(7))
        0.044117
    """

    angle: Real = parameter(0.6, unit="rad", meaning="phi of the partial swap with the ancilla")
    drive: Real = parameter(0.25, unit="rad", meaning="theta of the stroke, a rotation about X")
    excitation: Real = parameter(0.75, low=0, high=1, meaning="excited population of the ancillas")
    cycles: Real = parameter(1, low=1, high=1000, whole=True, meaning="number of cycles; the last one is looked at")
    stroke: Real = parameter(
        (0, 1), low=0, high=1, whole=True, meaning="last stroke: 0 the fluid is read before it, 1 after it"
    )

    name: ClassVar[str] = "coherent-engine"
    axis: ClassVar[str] = "stroke"
    counted: ClassVar[str] = "cycles"
    controls: ClassVar[tuple[str, ...]] = ("dephased",)
    system: ClassVar[str] = "fluid"
    offers: ClassVar[Mapping[str, tuple[str, ...]]] = {**Collisions.offers, "ancillas": ("reset", "fresh")}
    presets: ClassVar[Mapping[str, Preset]] = {
        "engine": Preset(values={}, source="chosen here (the defaults)"),
        "weak": Preset(values={"drive": "0.1"}, source="chosen here: nearly all work is that of coherence"),
        "drive": Preset(values={"drive": "0.1:1.5:8", "stroke": "1"}, source="chosen here: work against the stroke"),
        "cycles": Preset(values={"cycles": "1:3:3", "stroke": "1"}, source="chosen here: the state is steady"),
    }

    @property
    def qubits(self) -> tuple[str, ...]:
        """The working fluid."""
        return ("fluid",)

    def structures(self, points: Points) -> Mapping[str, Array]:
        """Cycles, and whether the last one has its stroke."""
        return {name: points.parameters[name].astype(int) for name in ("cycles", "stroke")}

    def members(self, points: Points, arm: str) -> Array:
        """Eigenstates of the steady state of the arm."""
        r = np.hypot(*_steady(points.parameters, arm))
        return np.stack([(1 + r) / 2, (1 - r) / 2], axis=-1)

    def prepare(self, member: int, arm: str) -> Sequence[Operation]:
        """|0> or |1>, turned about X."""
        return [*computational(member, self.qubits), gate("rx", "fluid", by="start")]

    def collision(self, index: int, arm: str, structure: Structure) -> Sequence[Step]:
        """Energy from the ancilla, then the stroke that draws work; the dephased arm has lost its coherence by then."""
        dephased = [Dephase(wire="fluid")] if arm == "dephased" else []
        drawing = structure["stroke"] or index < structure["cycles"]
        stroke = [gate("rx", "fluid", by="theta")] if drawing else []
        return [Thermal(register="bath", excited="q"), exchange("bath", "fluid", "phi"), *dephased, *stroke]

    def values(self, points: Points, arm: str) -> Mapping[str, Array]:
        """The ancillas' population and the angles; `start` turns |0> into the direction of the steady state."""
        known = points.parameters
        Y, Z = _steady(known, arm)
        return {"q": known["excitation"], "phi": known["angle"], "theta": known["drive"], "start": np.arctan2(-Y, Z)}

    @staticmethod
    def goal(points: Points) -> Goal | None:
        """More work than the same engine without coherence; of ancillas that can drive one."""
        reached = "coherence does work: more per cycle than the dephased engine can do"
        missed = "work from coherence is not shown"
        where = tuple((points.parameters["excitation"] > 0.5).tolist())
        nowhere = "ancillas that are not inverted make no engine, the stroke costs work; set excitation above 0.5"
        return Goal("work", "fluid", "work_dephased", reached, missed, where=where, nowhere=nowhere)

    @staticmethod
    def observables(points: Points) -> tuple[Observable, ...]:
        """Work, heat, and what coherence adds."""
        return (
            linear("energy", "bath", ("bath",), lambda s: s.moments["bath"]),
            linear("heat", "bath", ("bath",), _drawn_heat, meaning="energy that the ancillas gave, a cycle"),
            linear("work", "fluid", ("Z",), _work, reference=True),
            drawn("efficiency", "fluid", ("Z", "bath"), _efficiency, ratio=(_work, _drawn_heat), **RATIO),
            drawn(
                "work_ratio",
                "fluid",
                ("Z",),
                lambda s: _divided(_resolved_work(s), _resolved_work(s.arms["dephased"])),
                ratio=(_resolved_work, lambda s: _resolved_work(s.arms["dephased"])),
                resolved=(),
                arms=("dephased",),
                exactly=lambda s: _divided(_of_cycle(s, "main"), _of_cycle(s, "dephased")),
                **RATIO,
            ),
            theory("work_dephased", "fluid", lambda s: _of_cycle(s, "dephased"), unit="gap"),
            theory("work_ratio_limit", "fluid", _ratio_limit),
        )


def _kept(known: Mapping[str, Array], arm: str) -> tuple[Array, Array]:
    """1 - e1 and e2: what a collision takes of the polarisation, and leaves of the coherence."""
    return np.sin(known["angle"]) ** 2, np.cos(known["angle"]) * (arm != "dephased")


def _denominator(known: Mapping[str, Array], arm: str) -> Array:
    """den, in terms that do not cancel at small angles; 0 where every state is steady, for nothing happens."""
    lost, e2 = _kept(known, arm)
    e1 = 1 - lost
    return lost * (1 - e2) + 2 * np.sin(known["drive"] / 2) ** 2 * (e1 + e2)


def _steady(known: Mapping[str, Array], arm: str) -> tuple[Array, Array]:
    """<Y>, <Z> before the collision; the mixed state where every state is steady."""
    lost, e2 = _kept(known, arm)
    b, den = lost * (1 - 2 * known["excitation"]), _denominator(known, arm)
    share = np.divide(b, den, out=np.zeros_like(b), where=den > 1e-14)
    return -np.sin(known["drive"]) * share, (np.cos(known["drive"]) - e2) * share


def _of_cycle(sample: Sample, arm: str) -> Array:
    """W of one cycle in the steady state; 0 where the fluid is read before the stroke."""
    known = sample.parameters
    (lost, e2), den = _kept(known, arm), _denominator(known, arm)
    moved = lost * (2 * known["excitation"] - 1) * np.sin(known["drive"] / 2) ** 2 * (1 + e2)
    return known["stroke"] * np.divide(moved, den, out=np.zeros_like(moved), where=den > 1e-14)


def _work(sample: Sample) -> Array:
    """Energy of the fluid before the last stroke minus that after it."""
    return (sample.moments["Z"] - sample.before.moments["Z"]) / 2


def _drawn_heat(sample: Sample) -> Array:
    """Energy that left the ancillas in a cycle, mean over the cycles; they started as they were asked to."""
    return sample.parameters["excitation"] - sample.moments["bath"]


def _divided(work: Array, by: Array) -> Array:
    """A ratio; no number where nothing is divided by."""
    with np.errstate(all="ignore"):
        return np.where(np.abs(by) > 1e-12, work / by, np.nan)


def _efficiency(sample: Sample) -> Array:
    """W/Q, 1 in the steady state: there is no second bath. No number before the stroke."""
    return np.where(sample.parameters["stroke"] > 0, _divided(_work(sample), _drawn_heat(sample)), np.nan)


def _resolved_work(sample: Sample) -> Array:
    """The same work from the frequencies of the members, which other arms have too."""

    def ground(one: Sample) -> Array:
        return one.resolved[()].averaged()[..., 0, 0, 0]

    return ground(sample) - ground(sample.before)


def _ratio_limit(sample: Sample) -> Array:
    """(1 + e2)/(1 - e2), for strokes that go to 0; no number where a collision changes nothing."""
    e2 = np.cos(sample.parameters["angle"])
    return _divided(1 + e2, 1 - e2)
