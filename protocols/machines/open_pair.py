r"""Quantities of a pair whose qubits meet ancillas of their own bath in every step.

The heat of a bath is energy that *leaves* it (Holdsworth and Kawai, PRA 106, 062604, eq. (C2)), and all of it is read
from the ancillas: with n_k the excitation of the ancilla of step k and p that of one that met nothing,

    Q_bath = -sum_k (n_k - p),   E_A + E_B - E_A(0) - E_B(0) = Q_bath_A + Q_bath_B .

With the sign of Q/T that makes the second law hold (the printed (14), (15) have the other one),

    Sigma = Delta S_AB - sum Q_bath/T,   Sigma_0 = Delta S_A + Delta S_B - sum Q_bath/T,   Sigma_0 - Sigma = Delta I.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from protocols.machines.lindblad import relaxed
from protocols.pair import entropy_of, fuel_of, local_entropy_of, mutual_information_of, of_family, reference_beta
from protocols.program import STATE, Goal, Observable, Sample, drawn, linear, theory
from protocols.types import Array

LEFT = "energy that left this bath, all steps together"
TAKEN = "energy that this bath took in, all steps together"
MISSING = "energy that left the baths and is not in A and B: 0, unless errors of the device add or take some"
CONTINUOUS = "of the equation itself, without steps; from the parameters"
WORDS = {"A": "ZI", "B": "IZ"}


def register(qubit: str, step: int) -> str:
    """Name of the register of a bath's ancilla in one step, the first being 1."""
    return f"bath_{qubit}_{step}"


def registers(qubit: str, steps: int) -> tuple[str, ...]:
    """Of a bath in every step."""
    return tuple(register(qubit, k + 1) for k in range(steps))


def open_observables(steps: int, family: str) -> tuple[Observable, ...]:
    """What was consumed; heat of both baths, its balance, and both entropy productions where their ancillas tell.

    Args:
        steps: The largest number of them; 0: ancillas tell nothing.
        family: Of the initial correlation.
    """
    consumed = drawn("information_consumed", "AB", (STATE,), _consumed, unit="nat", reference=True, consumes=-1)
    continuous = _continuous_rows(family)
    if not steps:
        return (consumed, *(theory("no_energy", q, _nothing, unit="gap") for q in WORDS), *continuous)
    read = {qubit: registers(qubit, steps) for qubit in WORDS}
    every, found = (*read["A"], *read["B"]), [consumed]
    for q, names in read.items():
        found += [
            linear("heat", f"bath_{q}", names, partial(_left, qubit=q), reference=True, meaning=LEFT),
            linear("heat_taken", f"bath_{q}", names, partial(_taken, qubit=q), reference=True, meaning=TAKEN),
            theory("no_heat", f"bath_{q}", _nothing, unit="gap"),
        ]
    balance = (*WORDS.values(), *every)
    found.append(linear("heat_balance", "AB", balance, _balance, reference=True, meaning=MISSING))
    for name, of in (("entropy_production", entropy_of), ("apparent_entropy_production", local_entropy_of)):
        made, known = partial(_production, of=of), (STATE, *every)
        found.append(drawn(name, "AB", known, made, unit="nat", reference=True, unbounded=_unbounded))
    return (*found, *continuous)


def _continuous_rows(family: str) -> list[Observable]:
    """What the equation gives that no network of two ancillas and no finite number of steps has, of the main arm."""
    rows = (
        ("heat_continuous", "bath_A", "gap"),
        ("heat_continuous", "bath_B", "gap"),
        ("entropy_production_continuous", "AB", "nat"),
        ("apparent_entropy_production_continuous", "AB", "nat"),
    )
    return [
        Observable(
            name=name, subject=subject, unit=unit, reads=(), of=partial(_continuous, index=k, family=family),
            theory=True, meaning=f"energy that left this bath, {CONTINUOUS}" if unit == "gap" else CONTINUOUS, arms=(),
        )
        for k, (name, subject, unit) in enumerate(rows)
    ]  # fmt: skip


def _continuous(sample: Sample, index: int, family: str) -> Array:
    def solved(s: Sample) -> Array:
        made = relaxed(of_family(family, s.parameters).dephased(s.parameters["dephasing"]).matrix, s.parameters)
        return np.stack([*made.heat.T, made.entropy_production, made.apparent_entropy_production])

    return sample.known(("continuous", family), solved)[index]


def open_goal(known: Mapping[str, Array]) -> Goal | None:
    """Heat from the colder bath into the hotter one while mutual information falls; without steps, energy of A and B.

    None where no bath is the hotter one at all points. Inverted populations are hotter than any other.

    Args:
        known: T_A, T_B and, of repeated collisions, steps, by name, (points,) each.
    """
    with np.errstate(divide="ignore"):
        beta_A, beta_B = 1 / known["T_A"], 1 / known["T_B"]
    if not ((beta_A < beta_B).all() or (beta_B < beta_A).all()):
        return None
    hot, cold = ("A", "B") if (beta_A < beta_B).all() else ("B", "A")
    consumed = ("information_consumed", "AB")
    if "steps" in known:
        reached = f"reversed: heat left bath {cold}, the colder one, all steps together"
        missed, beside = "heat out of the colder bath is not shown", (("heat_taken", f"bath_{hot}"), consumed)
        return Goal("heat", f"bath_{cold}", "no_heat", reached, missed, beside=beside)
    reached, missed = f"reversed: the hotter qubit, {hot}, gained energy", "a gain of the hotter qubit is not shown"
    return Goal("energy_change", hot, "no_energy", reached, missed, beside=(consumed,))


def _consumed(sample: Sample) -> Array:
    """I(0) - I(t)."""
    return fuel_of(sample) - mutual_information_of(sample)


def _nothing(sample: Sample) -> Array:
    return 0 * sample.parameters["coupling"]


def _left(sample: Sample, qubit: str) -> Array:
    """Of the steps that a point has; a register of later ones has no number there."""
    steps = sample.parameters["steps"]
    heat = np.zeros(len(steps))
    for k, name in enumerate(registers(qubit, int(steps.max())), 1):
        heat = heat + np.where(steps >= k, sample.before.moments[name] - sample.moments[name], 0.0)
    return heat


def _taken(sample: Sample, qubit: str) -> Array:
    return 0.0 - _left(sample, qubit)


def _balance(sample: Sample) -> Array:
    gained = [(sample.before.moments[word] - sample.moments[word]) / 2 for word in WORDS.values()]
    return _left(sample, "A") + _left(sample, "B") - gained[0] - gained[1]


def _production(sample: Sample, of: Callable[[Sample], Array]) -> Array:
    entropy = of(sample) - of(sample.before)
    for qubit in WORDS:
        entropy = entropy - reference_beta(sample, register(qubit, 1)) * _left(sample, qubit)
    return entropy


def _unbounded(sample: Sample) -> Array:
    """A bath of which no ancilla was ever excited only gains, and its entropy falls without limit."""
    cold = [(sample.before.moments[register(q, 1)] <= 0).astype(float) for q in WORDS]
    return np.maximum(*cold) * (sample.parameters["time"] > 0)
