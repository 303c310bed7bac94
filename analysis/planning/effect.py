r"""Net heat into the hot qubit over a full period, exactly: how much there is, when, and which way it flows first.

Where energies oscillate with one frequency omega, the net heat since time 0 is

    Q(t) = a (cos omega t - 1) + b sin omega t,    2 a = E(0) - E(pi/omega),    a + b = E(pi/(2 omega)) - E(pi/omega)

with E the energy of the hot qubit, so that three exact states give it at every time. Its maximum sqrt(a^2 + b^2) - a is
at omega t = atan2(b, a). With b < 0 the flow goes forward first, until omega t = 2 atan2(b, a).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from protocols import Array, Experiment, Points
from protocols.pauli import pauli_matrix
from protocols.program import sweeps

NOTHING = 1e-9
"""Heat [gap] that is rounding."""


@dataclass(frozen=True, kw_only=True)
class Effect:
    """Net heat into the hot qubit along one sweep."""

    where: Mapping[str, float]
    """Every field but the axis."""
    subject: str
    """The qubit whose heat is meant: the hot one."""
    directed: bool
    """Whether the qubits differ in temperature; if not, the subject is the one that gains first."""
    apart: float
    """Energy of the subject above the other at time 0 [gap]."""
    frequency: float
    cosine: float
    """a [gap]."""
    sine: float
    """b [gap]."""

    @property
    def period(self) -> float:
        """2 pi/omega."""
        return 2 * math.pi / self.frequency

    @property
    def available(self) -> float:
        """The most net heat that any time gives; 0 where the hot qubit only loses."""
        most = math.hypot(self.cosine, self.sine) - self.cosine
        return most if most > NOTHING else 0.0

    @property
    def time(self) -> float:
        """When it is reached first."""
        return (math.atan2(self.sine, self.cosine) % (2 * math.pi)) / self.frequency

    @property
    def forward_until(self) -> float | None:
        """Until when the net heat is out of the hot qubit, where the flow goes forward first and turns."""
        if self.sine >= -NOTHING or not self.available:
            return None
        return (2 * self.time) % self.period

    def heat(self, time: Array) -> Array:
        """Q(t) [gap]."""
        x = self.frequency * np.asarray(time, dtype=float)
        return self.cosine * (np.cos(x) - 1) + self.sine * np.sin(x)


def effects(experiment: Experiment, points: Points) -> tuple[Effect, ...]:
    """The effect of every sweep along the axis, in the order of the points.

    Args:
        experiment: The protocol.
        points: Its sweep; only the fields other than the axis matter.

    Returns:
        Nothing where energies do not oscillate along the axis, or heat does not flow between two qubits.
    """
    frequency = experiment.frequency(points.parameters)
    if frequency is None or experiment.sides != experiment.qubits:
        return ()
    first, _ = sweeps(points.parameters, experiment.axis)
    first = np.sort(first)
    omega = frequency[first]
    energies = np.stack([_energies(experiment, points, first, turn / omega) for turn in (0, math.pi / 2, math.pi)])
    found = []
    for index, row in enumerate(first):
        where = {name: float(v[row]) for name, v in points.parameters.items() if name != experiment.axis}
        start, quarter, half = energies[:, :, index]
        cosine, sine = (start - half) / 2, quarter - (start + half) / 2
        apart = float(start[0] - start[1])
        hot = int(apart < 0) if abs(apart) > NOTHING else int(sine[0] < 0)
        found.append(
            Effect(
                where=where,
                subject=experiment.qubits[hot],
                directed=abs(apart) > NOTHING,
                apart=-apart if hot else apart,
                frequency=float(omega[index]),
                cosine=float(cosine[hot]),
                sine=float(sine[hot]),
            )
        )
    return tuple(found)


def _energies(experiment: Experiment, points: Points, rows: Array, time: Array) -> Array:
    """Exact energies of both qubits at other times, (qubits, rows)."""
    own = points.at(rows)
    moved = Points(
        parameters={**own.parameters, experiment.axis: time + np.zeros(len(rows))},
        options=own.options,
        reference=own.reference,
        reference_only=own.reference_only,
    )
    states = experiment.state(moved)
    assert states is not None
    return np.stack([(1 - np.einsum("nij,ji->n", states, pauli_matrix(word)).real) / 2 for word in ("ZI", "IZ")])
