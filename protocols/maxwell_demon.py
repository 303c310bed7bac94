r"""maxwell-demon: what is known of a qubit is turned into work, at most T times the information.

Sagawa and Ueda, PRL 100, 080403 (2008); 104, 090602 (2010): the framework, from memory; the two-qubit model and its
numbers are this suite's own. A memory M copies the bit s of a thermal qubit S by a CNOT and has it wrong with
probability eps; where the record m is 1 S is flipped, so that it ends excited only where the record was wrong:

    W = E_S(s) - E_S(s') = p - eps          work drawn, p = 1/(1 + e^{1/T})
    I = sum p(s, m) ln p(s, m)/p(s)p(m) = h(p_m) - h(eps),   p_m = p (1 - eps) + (1 - p) eps
    <e^{W/T - i}> = 1 for 0 < eps < 1, but 1/(1 + e^{-1/T}) at eps = 0: half of the histories never occur
    <e^{W/T}> = 2 [(1 - eps) + eps x]/(1 + x),   x = e^{-1/T}                                        (efficacy)

i = ln p(s, m)/p(s)p(m) of one history. W <= T I is not tight; with the entropy of S before and after, I + S' - S >= 0
is. **s is that of the member**, so it is known without a measurement that would do what the demon does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from protocols.collisions.collisions import Collisions, Structure
from protocols.collisions.evolution import Step
from protocols.collisions.feedback import FEEDBACKS, Feedback
from protocols.collisions.operations import Operation, computational, gate
from protocols.program.observable import Goal, Observable, drawn, linear, theory
from protocols.program.parameters import Preset, parameter
from protocols.program.points import Points
from protocols.program.sample import Sample
from protocols.quantities.entropies import binary_entropy
from protocols.quantities.thermal import excited_population
from protocols.types.arrays import Array

Real = float | Array | Sequence[float]
MEMBERS, RECORD = 4, "M.1"
"""Bits of S and of the error; the column of the bit that acted."""


@dataclass(frozen=True, kw_only=True, eq=False)
class MaxwellDemon(Collisions):
    """A thermal qubit S, a memory M that may be wrong, and feedback.

    Examples:
        >>> one = MaxwellDemon(T=1.0, record_error=[0.0, 0.1])
        >>> (excited_population(1.0) - one.state(one.points())[:, [2, 3], [2, 3]].real.sum(axis=1)).round(6).tolist()
        [0.268941, 0.168941]
    """

    # below, e^{1/T} times the population that it is to cancel leave floating point
    T: Real = parameter(0.8, unit="gap/k_B", low=0.002, meaning="temperature of S")
    record_error: Real = parameter(0.15, low=0, high=1, meaning="chance of a wrong record")

    name: ClassVar[str] = "maxwell-demon"
    axis: ClassVar[str] = "record_error"
    origin: ClassVar[str | None] = ""
    counted: ClassVar[str] = ""
    controls: ClassVar[tuple[str, ...]] = ("none",)
    offers: ClassVar[Mapping[str, tuple[str, ...]]] = {"feedback": FEEDBACKS}
    system: ClassVar[str] = "SM"
    without: ClassVar[tuple[str | tuple[str, str], ...]] = (
        *("energy_change", "energy_difference", "effective_beta", "effective_temperature", "ergotropy"),
        *("entropy", "entropy_change", "relative_entropy", "purity", "fidelity"),
        *("mutual_information", "mutual_information_change", "discord", "geometric_discord"),
        *("concurrence", "signed_concurrence", "entanglement_of_formation", "negativity"),
        *("coherence_l1", "coherence_relative_entropy", ("energy", "M")),
    )
    """A memory has no energy to speak of, and M at the end knows nothing more of S: what counts is I(s; m)."""
    presets: ClassVar[Mapping[str, Preset]] = {
        "demon": Preset(values={}, source="chosen here (the defaults)"),
        "errors": Preset(values={"record_error": "0:0.4:9"}, source="chosen here: from a perfect record to none"),
        "perfect": Preset(values={"record_error": "0"}, source="chosen here: the average of e^(W/T - i) is not 1"),
    }

    @property
    def qubits(self) -> tuple[str, ...]:
        """The working qubit and the memory."""
        return ("S", "M")

    def members(self, points: Points, arm: str) -> Array:
        """S thermal, M wrong or not, independent of each other."""
        p, eps = excited_population(points.parameters["T"]), points.parameters["record_error"]
        S, error = (np.stack([1 - one, one], axis=-1) for one in (p, eps))
        return (S[:, :, None] * error[:, None, :]).reshape(len(points), MEMBERS)

    def prepare(self, member: int, arm: str) -> Sequence[Operation]:
        """X on S and M by the bits of the member."""
        return computational(member, self.qubits)

    def collision(self, index: int, arm: str, structure: Structure) -> Sequence[Step]:
        """The record is made, then used; without feedback it is made only."""
        used = () if arm == "none" else (gate("x", "S"),)
        return [gate("cx", "S", "M"), Feedback(wire="M", then=used)]

    def values(self, points: Points, arm: str) -> Mapping[str, Array]:
        """No angles."""
        return {}

    @staticmethod
    def goal(points: Points) -> Goal | None:
        """Work from a qubit that has none to give by itself, within what the information allows."""
        return Goal(
            "work",
            "S",
            "work_without_record",
            "the demon draws work from a thermal qubit",
            "work drawn by the demon is not shown",
            everywhere=True,
            beside=(("unused_information", "SM"), ("second_law_slack", "SM")),
        )

    @staticmethod
    def observables(points: Points) -> tuple[Observable, ...]:
        """Work, information and what relates them."""
        read = (RECORD,) if points.options.get("feedback") == "measured" else ()

        def row(name: str, of: Callable[[Array, Array], Array], unit: str = "1", **more: float) -> Observable:
            def found(sample: Sample) -> Array:
                return of(_histories(sample, read), sample.parameters["T"])

            return drawn(
                name, "SM", ("ZZ",), found, unit=unit, resolved=read, bounds=(more.get("low", -np.inf), np.inf)
            )

        return (
            linear("work", "S", ("ZI",), lambda s: excited_population(s.parameters["T"]) - (1 - s.moments["ZI"]) / 2),
            theory("work_without_record", "S", lambda s: 0 * s.parameters["T"], unit="gap"),
            theory("work_bound", "S", _bound, unit="gap"),
            row("information", lambda P, T: _information(P), "nat", low=0),
            row("unused_information", lambda P, T: T * _information(P) - _work(P), "gap"),
            row("second_law_slack", lambda P, T: _information(P) + _entropy_gained(P), "nat"),
            row("fluctuation_average", _fluctuation_average),
            row("efficacy", lambda P, T: (P * _exponential(T)).sum(axis=_HISTORY)),
            row("record_errors", lambda P, T: P[..., 0, 1, :].sum(axis=-1) + P[..., 1, 0, :].sum(axis=-1)),
        )


def _bound(sample: Sample) -> Array:
    """T I of the parameters."""
    p, eps = excited_population(sample.parameters["T"]), sample.parameters["record_error"]
    return sample.parameters["T"] * (binary_entropy(p * (1 - eps) + (1 - p) * eps) - binary_entropy(eps))


_HISTORY = (-3, -2, -1)
"""Axes of a history: s, the record m, s' at the end."""


def _histories(sample: Sample, read: tuple[str, ...]) -> Array:
    """P(s, m, s'), (..., points, 2, 2, 2): s of the member, m the bit that acted, or else M read at the end."""
    found = sample.resolved[read].weighted("ZZ", MEMBERS)
    # s, error, s', M at the end, the bit that acted
    bits = found.reshape(*found.shape[:-3], 2, 2, 2, 2, -1)
    joint = bits.sum(axis=(-4, -2)) if read else bits.sum(axis=(-4, -1))
    return joint.swapaxes(-1, -2)


def _information(P: Array) -> Array:
    """I(s; m) [nat]; frequencies below 0, which a correction of readout may leave, count as 0."""
    joint = np.maximum(P.sum(axis=-1), 0)
    apart = joint.sum(axis=-1, keepdims=True) * joint.sum(axis=-2, keepdims=True)
    with np.errstate(all="ignore"):
        return np.where(joint > 0, joint * np.log(joint / apart), 0.0).sum(axis=(-2, -1))


def _work(P: Array) -> Array:
    """<s> - <s'>."""
    return P[..., 1, :, :].sum(axis=(-2, -1)) - P[..., 1].sum(axis=(-2, -1))


def _entropy_gained(P: Array) -> Array:
    """Of S alone, from s to s' [nat]."""
    before, after = P[..., 1, :, :].sum(axis=(-2, -1)), P[..., 1].sum(axis=(-2, -1))
    return binary_entropy(np.clip(after, 0, 1)) - binary_entropy(np.clip(before, 0, 1))


def _exponential(T: Array) -> Array:
    """e^{(s - s')/T} of every history, (points, 2, 1, 2)."""
    gained = np.array([[0, -1], [1, 0]])[:, None, :]
    return np.exp(gained / np.asarray(T)[..., None, None, None])


def _fluctuation_average(P: Array, T: Array) -> Array:
    """sum_{s, m} p(s) p(m) <e^{W/T}>_{s, m}: e^{-i} cancels p(s, m), so that rare histories weigh as much as others.

    A pair (s, m) that never occurred adds nothing, and one that occurred once adds p(s) p(m): the estimate jumps, its
    draws jump with it. Corrected for readout the share of s' may leave 0..1, which keeps it unbiased; far outside it is
    a ratio of two numbers that are noise.
    """
    joint = P.sum(axis=-1)
    with np.errstate(all="ignore"):
        excited = np.clip(P[..., 1] / joint, -1, 2)
    gain = _exponential(T)
    within = gain[..., 0] + (gain[..., 1] - gain[..., 0]) * excited
    apart = joint.sum(axis=-1)[..., :, None] * joint.sum(axis=-2)[..., None, :]
    return (apart * np.where(joint > 0, within, 0.0)).sum(axis=(-2, -1))
