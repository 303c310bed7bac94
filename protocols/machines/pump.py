r"""Quantities of a heat pump that replaces its qubits by fuel in every cycle.

Signs as in Holdsworth and Kawai: the heat of a bath is energy that *leaves* it (their eq. (C2)), the heat of A and B is
energy *gained* in the stroke. With E_k the mean energy of the ancillas of bath k after and E_k0 before n collisions,

    Q_bath = -n (E_k - E_k0),   Q_i = E_i(end of cycle) - E_i(fuel) - Q_bath_i,

the second by conservation of energy in each partial swap. The printed (14), (15) have the wrong sign of Q/T:

    Sigma = Delta S_AB - sum Q_bath/T,   Sigma_0 = Delta S_A + Delta S_B - sum Q_bath/T,   Sigma_0 - Sigma = Delta I.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from protocols.pair import (
    clausius_slack,
    clausius_sum,
    efficiency_of_fuel,
    entropy_of,
    fuel_of,
    interaction_energy,
    local_entropy_of,
    reference_beta,
)
from protocols.program import STATE, Observable, Sample, drawn, linear, theory
from protocols.types import Array

BOTH = ("ZI", "IZ")


@dataclass(frozen=True)
class Side:
    """A qubit and its bath."""

    qubit: str
    word: str
    registers: tuple[str, ...]
    """Ancillas of the bath, by cycle; none where nothing relaxes."""

    @property
    def bath(self) -> str:
        """Its name."""
        return f"bath_{self.qubit}"

    def energy(self, sample: Sample) -> Array:
        """Of the ancillas in the last cycle; of those that met nothing before the first one."""
        later = [(sample.parameters["cycles"] == n, sample.moments[name]) for n, name in self._numbered[1:]]
        first = sample.moments[self.registers[0]]
        return np.select([mine for mine, _ in later], [value for _, value in later], first) if later else first

    def leaving(self, sample: Sample, total: bool) -> Array:
        """Energy that left the bath in the last cycle, or in all."""
        cycles, collisions = _ran(sample), sample.parameters["relaxation"]
        heat = np.zeros(len(cycles))
        for n, name in self._numbered:
            mine = (cycles >= n if total else cycles == n) & (collisions > 0)
            # a cell has no energies of cycles that it does not run
            gained = sample.moments[name] - sample.before.moments[self.registers[0]]
            heat = heat + np.where(mine, -collisions * gained, 0.0)
        return heat

    def replaced(self, sample: Sample) -> Array:
        """Energy of the fuel minus that of the qubit it replaces."""
        return (sample.moments[self.word] - sample.before.moments[self.word]) / 2

    def gained(self, sample: Sample, total: bool) -> Array:
        """Energy gained in the stroke. The qubits are read after the last cycle; being replaced, they end each so."""
        cycles = _ran(sample) if total else 1
        return 0.0 - cycles * self.replaced(sample) - self.leaving(sample, total)

    def inverse_temperature(self, sample: Sample) -> Array:
        """Of the ancillas that met nothing."""
        return reference_beta(sample, self.registers[0])

    def coldest(self, sample: Sample) -> Array:
        """1 where the ancillas that met nothing were never excited: their inverse temperature has no limit."""
        return (sample.before.moments[self.registers[0]] <= 0).astype(float)

    @property
    def _numbered(self) -> list[tuple[int, str]]:
        return list(enumerate(self.registers, 1))


def pump_observables(cycles: int, *, uncoupled: bool = True) -> tuple[Observable, ...]:
    """All of them, for runs of at most so many cycles that relax; 0: of a stroke without baths.

    Args:
        cycles: The largest number of them.
        uncoupled: Whether any point is read without relaxation. There the fuel has exchanged heat with itself alone,
            and its Clausius sum is that of the stroke.

    `heat`, `work`, `fuel_energy`, `efficiency` and entropy productions are those of the last cycle of a point.
    """
    A, B = sides = [
        Side(q, word, tuple(f"bath_{q}_{n + 1}" for n in range(cycles))) for q, word in zip("AB", BOTH, strict=True)
    ]
    every = (*A.registers, *B.registers)
    found = [linear("energy", side.bath, side.registers, side.energy) for side in sides if cycles]
    for name, total in (("heat", False), ("cumulative_heat", True)):
        for side in sides:
            reads, gained = (side.word, *side.registers), partial(side.gained, total=total)
            found.append(linear(name, side.qubit, reads, gained, reference=True))
            if cycles:
                leaving = partial(side.leaving, total=total)
                found.append(linear(name, side.bath, side.registers, leaving, reference=True))
        both = _sum(partial(A.gained, total=total), partial(B.gained, total=total))
        found.append(linear(name, "AB", (*BOTH, *every), both, reference=True))
    return (
        *found,
        linear("interaction_energy", "AB", ("XX", "YY", "XY", "YX"), _interaction, reference=True),
        linear("fuel_energy", "AB", BOTH, _sum(A.replaced, B.replaced), reference=True),
        drawn("mutual_information", "fuel", (STATE,), fuel_of, unit="nat", reference=True, bounds=(0, 2 * math.log(2))),
        *(_of_stroke() if uncoupled else ()),
        *(_of_baths(A, B) if cycles else ()),
        _efficiency(A, B),
        theory("carnot_efficiency", "AB", _carnot),
    )


def _of_stroke() -> tuple[Observable, ...]:
    """Clausius rows of a pair that met no bath; no number after relaxation, whose heat is that of the baths too."""

    def alone(of: Callable[[Sample], Array]) -> Callable[[Sample], Array]:
        return lambda s: np.where(s.parameters["relaxation"] == 0, of(s), np.nan)

    return (
        drawn("clausius_sum", "AB", BOTH, alone(clausius_sum), unit="nat", reference=True),
        drawn("clausius_slack", "AB", (STATE, *BOTH), alone(clausius_slack), unit="nat", reference=True),
    )


def _of_baths(A: Side, B: Side) -> tuple[Observable, ...]:
    """Work and entropy productions."""
    every = (*A.registers, *B.registers)
    known = (STATE, *BOTH, *every)
    left = _sum(partial(A.leaving, total=False), partial(B.leaving, total=False))

    def per_temperature(sample: Sample, *over: Side) -> Array:
        return sum((s.inverse_temperature(sample) * s.leaving(sample, False) for s in over), np.zeros(()))

    def production(sample: Sample, of: Callable[[Sample], Array]) -> Array:
        return of(sample) - of(sample.before) - per_temperature(sample, A, B)

    def unbounded(sample: Sample) -> Array:
        """What was never excited only gains, and its entropy falls without limit."""
        return np.maximum(A.coldest(sample), B.coldest(sample)) * (sample.parameters["cycles"] > 0)

    entropies = (("entropy_production", entropy_of), ("apparent_entropy_production", local_entropy_of))
    return (
        linear("work", "AB", every, lambda s: 0.0 - left(s), reference=True),
        *(
            drawn(name, "AB", known, partial(production, of=of), unit="nat", reference=True, unbounded=unbounded)
            for name, of in entropies
        ),
    )


def _efficiency(A: Side, B: Side) -> Observable:
    """Q_bath_B/(T_A I_0), eq. (16), with fuel and temperature measured; no number without a fuel.

    Where nothing relaxes it is that of the stroke: B is short of what bath B will give it.
    """

    def drawn_over_temperature(sample: Sample) -> Array:
        with np.errstate(all="ignore"):
            uncoupled = reference_beta(sample, A.word) * B.replaced(sample)
            if not A.registers:
                return uncoupled
            relaxed = A.inverse_temperature(sample) * B.leaving(sample, False)
        return np.where(sample.parameters["relaxation"] == 0, uncoupled, relaxed)

    return efficiency_of_fuel("AB", (STATE, *BOTH, *A.registers, *B.registers), drawn_over_temperature)


def _ran(sample: Sample) -> Array:
    """Cycles run; the fuel itself counts as one, in which nothing has changed."""
    return np.maximum(sample.parameters["cycles"], 1)


def _sum(*parts: Callable[[Sample], Array]) -> Callable[[Sample], Array]:
    return lambda sample: np.sum([part(sample) for part in parts], axis=0)


def _interaction(sample: Sample) -> Array:
    """<V> when the qubits are uncoupled; the stroke conserves it, so that after relaxation it is that of the fuel."""
    now, before = (interaction_energy(one, sample) for one in (sample, sample.before))
    return np.where(sample.parameters["relaxation"] == 0, now, before)


def _carnot(sample: Sample) -> Array:
    """T_B/(T_A - T_B), eq. (18); no number unless A is the hotter one, nor for inverted baths, which set no limit."""
    T_A, T_B = sample.parameters["T_A"], sample.parameters["T_B"]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((T_A > T_B) & (T_B > 0) & np.isfinite(T_B), T_B / (T_A - T_B), np.nan)
