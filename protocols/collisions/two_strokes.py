r"""Quantities of a machine of two qubits between two baths, whose cycle has a heat stroke and a work stroke.

Read are both qubits and the ancillas of every cycle; compared is each with the same wires before the last cycle: its
ancillas prepared and read, not met. With dn the change of an excited population since then, the last cycle gives

    Q_h = -dn(bath_h),   Q_c = -g dn(bath_c)                 drawn from the baths (of gap 1 and g),
    m_h = -dn(h) - dn(bath_h),   m_c = dn(c) + dn(bath_c)    excitations that left the hot side, that reached the cold,
    W   = (1 - g) (m_h + m_c)/2                              extracted, for the work stroke moves m from h to c.

A partial swap keeps excitations, so m_h = m_c is measured and not assumed, and with it the first law,

    Q_h + Q_c - W - dE(h, c) = (1 + g)/2 (m_h - m_c) = 0.

Half of the work comes from each side, which has the least error there is where both are known equally well.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from protocols.program import Machine, Observable, Sample, linear, theory
from protocols.quantities import excited_population
from protocols.types import Array

HOT, COLD = "h", "c"
QUBITS = (HOT, COLD)
BOTH = "hc"
WORDS = {HOT: "ZI", COLD: "IZ"}
TUNED = ("gap_c", "heat_angle", "work_angle")
MACHINE = Machine(
    hot="hot", cold="cold", work=BOTH, sides=QUBITS, cycle="cycles", temperatures=("T_h", "T_c"), tuned=TUNED
)
"""Where the verdict finds the rows of `two_stroke_observables`."""
DRAWN = "drawn from the {} bath in one cycle"
Quantity = Callable[[Sample], Array]


def bath(qubit: str, cycle: int) -> str:
    """Name of the register of a bath's ancilla in one cycle, the first being 1."""
    return f"bath_{qubit}_{cycle}"


def two_stroke_observables(cycles: int) -> tuple[Observable, ...]:
    """Of the last cycle of each point; heat of the earlier ones too, whose work has an exact value only.

    Args:
        cycles: The largest number of them.
    """
    read = {qubit: tuple(bath(qubit, k + 1) for k in range(cycles)) for qubit in QUBITS}
    every = (*WORDS.values(), *read[HOT], *read[COLD])
    compared = partial(linear, reference=True)
    last = partial(compared, cycle=MACHINE.cycle)
    found: list[Observable] = []
    for k in range(1, cycles):
        for subject, qubit in (("hot", HOT), ("cold", COLD)):
            of = partial(_earlier_heat, qubit=qubit, k=k)
            found.append(compared("heat", subject, read[qubit], of, cycle=k))
        found.append(compared("work", BOTH, every, _unread, cycle=k, exactly=partial(_exact_work, k=k), arms=()))
    for subject, qubit in (("hot", HOT), ("cold", COLD)):
        found.append(last("heat", subject, read[qubit], partial(_heat, qubit=qubit), meaning=DRAWN.format(subject)))
    found.append(last("work", BOTH, every, _work, meaning="extracted by whoever swaps h and c"))
    for qubit in QUBITS:
        sides = (WORDS[qubit], *read[qubit])
        found.append(last("moved_excitation", qubit, sides, partial(_moved, qubit=qubit), unit="1"))
        found.append(last("work_by_side", qubit, sides, partial(_work_by, qubit=qubit)))
    return (
        *found,
        last("first_law_residual", BOTH, every, _residual),
        last("entropy_production", "baths", (*read[HOT], *read[COLD]), _production, unit="nat"),
        _ratio("efficiency", every, _work, _heat_of_hotter),
        _ratio("coefficient_of_performance", every, _heat_of_colder, lambda s: -_work(s)),
        theory("carnot_efficiency", BOTH, _carnot),
        theory("carnot_coefficient_of_performance", BOTH, _carnot_cop),
    )


def _ratio(name: str, reads: tuple[str, ...], over: Quantity, under: Quantity) -> Observable:
    """A ratio of two energies with Fieller's interval; no number where there is nothing to divide by."""

    def of(sample: Sample) -> Array:
        above, below = over(sample), under(sample)
        with np.errstate(all="ignore"):
            return np.where(np.abs(below) > _NOTHING, above / below, np.nan)

    return Observable(
        name=name,
        subject=BOTH,
        unit="1",
        reads=reads,
        of=of,
        interval="fieller",
        ratio=(over, under),
        reference=True,
        cycle=MACHINE.cycle,
    )


_NOTHING = 1e-12


# ---- what the wires say ----


def _gap(sample: Sample, qubit: str) -> Array:
    gap = sample.parameters["gap_c"]
    return gap if qubit == COLD else np.ones_like(gap)


def _gained(sample: Sample, qubit: str) -> Array:
    """Excitations of a qubit since before the cycle."""
    return (sample.before.moments[WORDS[qubit]] - sample.moments[WORDS[qubit]]) / 2


def _of_cycle(sample: Sample, qubit: str) -> Array:
    """Energy of the ancilla of the last cycle."""
    cycles = sample.parameters["cycles"]
    named = {k: bath(qubit, k) for k in range(1, int(cycles.max()) + 1)}
    there = {k: sample.moments[name] for k, name in named.items() if name in sample.moments}
    return np.select([cycles == k for k in there], list(there.values()), np.nan)


def _heat(sample: Sample, qubit: str) -> Array:
    """Energy that the ancilla of the last cycle lost."""
    return _of_cycle(sample.before, qubit) - _of_cycle(sample, qubit)


def _heat_of_hotter(sample: Sample) -> Array:
    """Drawn from the bath of higher temperature, whatever it is called."""
    return np.where(MACHINE.hotter(sample.parameters) < 0, _heat(sample, COLD), _heat(sample, HOT))


def _heat_of_colder(sample: Sample) -> Array:
    return np.where(MACHINE.hotter(sample.parameters) < 0, _heat(sample, HOT), _heat(sample, COLD))


def _earlier_heat(sample: Sample, qubit: str, k: int) -> Array:
    """Of a cycle before the last, counted from the ancilla of the last cycle that met nothing."""
    lost = _of_cycle(sample.before, qubit) - sample.moments[bath(qubit, k)]
    return np.where(sample.parameters["cycles"] > k, lost, np.nan)


def _unread(sample: Sample) -> Array:
    """Nothing was read between the cycles."""
    return np.full(np.shape(sample.moments[WORDS[HOT]]), np.nan)


def _moved(sample: Sample, qubit: str) -> Array:
    """Excitations that left the hot side, or reached the cold one."""
    gained = _gained(sample, qubit) - _heat(sample, qubit) / _gap(sample, qubit)
    return -gained if qubit == HOT else gained


def _work_by(sample: Sample, qubit: str) -> Array:
    """(1 - g) m by one side alone."""
    return (1 - sample.parameters["gap_c"]) * _moved(sample, qubit)


def _work(sample: Sample) -> Array:
    return (_work_by(sample, HOT) + _work_by(sample, COLD)) / 2


def _residual(sample: Sample) -> Array:
    """Q_h + Q_c - W - dE: energy that came out of the baths and is nowhere."""
    entered = [_heat(sample, qubit) - _gap(sample, qubit) * _gained(sample, qubit) for qubit in QUBITS]
    return sum(entered) - _work(sample)


def _production(sample: Sample) -> Array:
    """-Q_h/T_h - Q_c/T_c: that of a cycle after which both qubits are as before."""
    return -_heat(sample, HOT) / sample.parameters["T_h"] - _heat(sample, COLD) / sample.parameters["T_c"]


def _carnot(sample: Sample) -> Array:
    """1 - T_colder/T_hotter."""
    temperatures = np.stack([sample.parameters[name] for name in MACHINE.temperatures])
    return 1 - temperatures.min(axis=0) / temperatures.max(axis=0)


def _carnot_cop(sample: Sample) -> Array:
    """T_colder/(T_hotter - T_colder)."""
    apart = _carnot(sample)
    with np.errstate(divide="ignore"):
        return np.where(apart > 0, (1 - apart) / apart, np.nan)


# ---- the same in closed form ----


def _exact_work(sample: Sample, k: int) -> Array:
    """Of a cycle before the last, by the orbital matrix C_ij = Tr[rho s+_j s-_i], which baths and swaps keep closed."""
    known = sample.parameters
    p = np.stack([excited_population(known["T_h"]), excited_population(known["T_c"] / known["gap_c"])], axis=-1)
    cos, sin = np.cos(known["work_angle"]), np.sin(known["work_angle"])
    swap = np.moveaxis(np.array([[cos + 0j, -1j * sin], [-1j * sin, cos + 0j]]), -1, 0)
    keep = np.cos(known["heat_angle"])[:, None, None]
    start = p[:, :, None] * np.eye(2)
    orbitals, left = start.astype(complex), np.zeros(len(p))
    for _ in range(k):
        # coherence between the qubits shrinks by both cosines, populations go to those of the baths
        heated = keep**2 * orbitals + (1 - keep**2) * start
        orbitals = swap @ heated @ np.swapaxes(swap.conj(), -1, -2)
        left = (heated - orbitals)[:, 0, 0].real
    return np.where(known["cycles"] > k, (1 - known["gap_c"]) * left, np.nan)
