"""A program with its shots where they tell most about a target: over settings, members and points of every arm.

To first order, the variance of a target, summed over the points of an arm, is lowered by multiplying the shots of
each stratum by the root of what one more of them gains and scaling back to the total. A fixed point of that is the
optimum; for heat it is Neyman's allocation, J. R. Stat. Soc. 97, 558 (1934), after one step. Every stratum keeps
`LEAST` of its even share, so that what the bases determine stays determined, and every arm keeps its total.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analysis.data import Counts
from analysis.planning.design import Design, heat_design, state_design
from analysis.planning.effect import effects
from analysis.planning.expectation import counted
from analysis.planning.target import (
    FUNCTIONS,
    HEAT,
    check_target,
    heat_deviation,
    qubit_word,
    shared_home,
    state_deviation,
)
from devices import Device
from devices.simulators import known_probabilities
from protocols import Array, Program, RequestError
from protocols.program import STEPS, apportioned, reallocated

MIXTURES = (0.0, 0.5, 1.0)
"""Parts of the first-order optimum that are tried for functions of the state, even shots first."""
LEAST = 1 / 8
"""Of its even share that every stratum keeps."""
ITERATIONS = 300
WORTHWHILE = 0.9
"""Of the variance of even shots: a smaller gain could be the noise of the simulation."""


def allocate(program: Program, device: Device, target: str, seed: int = 0) -> Program:
    """The program with its shots where they tell most about a target.

    Args:
        program: With even shots.
        device: On which it will run; its expected counts say what each stratum knows.
        target: "heat" (into the hot qubit), "mutual_information" or "concurrence".
        seed: Of the placement.

    Raises:
        RequestError: For an unknown target, one that the protocol or its settings do not have, or a device whose
            probabilities are not known.
    """
    experiment, points = program.experiment, program.points
    check_target(experiment, target)
    plan = device.prepare(program, seed).of_copy(0)
    counts = counted(plan, known_probabilities(plan, device))
    subject = effects(experiment, points)[0].subject
    home = shared_home(points, len(points.arms))
    division = divide(counts, target, qubit_word(experiment, subject), home, len(points.arms))
    return reallocated(program, _repeats(program, division.shots))


@dataclass(frozen=True, kw_only=True, eq=False)
class Division:
    """Shots of every stratum, and how well they know the target beside even ones."""

    shots: Array
    """(cells, members, settings)."""
    error: Array
    """(cells,)."""
    even_error: Array
    """(cells,)."""


def divide(counts: Counts, target: str, word: str, home: Array, arms: int = 1) -> Division:
    """Shots where they tell most about a target.

    For a function of the state the optimum of first order need not be one: settings of few shots let in what it leaves
    out. Each arm gets a mixture of it with even shots, the one that scatters least in simulated experiments.

    Args:
        counts: Expected, with even shots.
        target: Of which.
        word: The Pauli word of the hot qubit's energy.
        home: Index of the reference of each cell.
        arms: Number of arms, each with a total of its own.
    """
    even = counts.shots
    optimum = optimal_shots(target_design(counts, target, word, home), even, arms)
    parts = (0.0, 1.0) if target == HEAT else MIXTURES
    candidates = [(1 - part) * even + part * optimum for part in parts]
    errors = [_error(with_shots(counts, shots), target, word, home) for shots in candidates]
    shots, error = even.copy(), errors[0].copy()
    for cells in np.split(np.arange(len(even)), arms):
        totals = np.array([(one[cells] ** 2).sum() for one in errors])
        best = int(np.argmin(totals))
        if target == HEAT or totals[best] < WORTHWHILE * totals[0]:
            shots[cells], error[cells] = candidates[best][cells], errors[best][cells]
    return Division(shots=shots, error=error, even_error=errors[0])


def optimal_shots(design: Design, even: Array, arms: int = 1) -> Array:
    """(cells, members, settings) of least variance to first order, every arm with its total, `LEAST` everywhere.

    Args:
        design: What the variance is made of.
        even: Even shots, (cells, members, settings).
        arms: Number of arms, each with a total of its own.
    """
    found = np.empty_like(even)
    for cells in np.split(np.arange(len(even)), arms):
        found[cells] = _optimum(design.of(cells), even[cells])
    return found


def _optimum(design: Design, even: Array) -> Array:
    total, floor = float(even.sum()), LEAST * even
    shots = best = even
    least = float(design.variance(even).sum())
    for _ in range(ITERATIONS):
        wanted = shots * np.sqrt(design.gain(shots))
        if not wanted.sum() > 0:
            break
        before, shots = shots, _scaled(wanted, total, floor)
        variance = float(design.variance(shots).sum())
        if variance < least:
            least, best = variance, shots
        if np.abs(shots - before).sum() < 1e-6 * total:
            break
    return best


def _scaled(wanted: Array, total: float, floor: Array) -> Array:
    """Proportional to what is wanted, none below its floor, with a given sum."""
    low = np.zeros(wanted.shape, dtype=bool)
    scaled = wanted
    for _ in range(wanted.size):
        rest = total - floor[low].sum()
        scaled = np.where(low, floor, wanted * (rest / max(wanted[~low].sum(), 1e-300)))
        under = ~low & (scaled < floor)
        if not under.any():
            break
        low |= under
    return scaled


def _error(counts: Counts, target: str, word: str, home: Array) -> Array:
    return heat_deviation(counts, word, home) if target == HEAT else state_deviation(counts, FUNCTIONS[target])


def with_shots(counts: Counts, shots: Array) -> Counts:
    """The same expected counts with other numbers of shots.

    Args:
        counts: Expected counts.
        shots: Of every stratum, (cells, members, settings).
    """
    had = counts.shots
    return replace(counts, observed=counts.observed * (shots / np.where(had > 0, had, 1))[..., None])


def target_design(counts: Counts, target: str, word: str, home: Array) -> Design:
    """What the variance of a target is made of.

    Args:
        counts: Expected, with even shots.
        target: Of which.
        word: The Pauli word of the hot qubit's energy.
        home: Index of the reference of each cell, (cells,); -1: exact.

    Raises:
        RequestError: If the settings do not determine it.
    """
    if target == HEAT:
        return heat_design(counts, word, home)
    if counts.family[0] == "none":
        raise RequestError(
            f"Argument `target` {target} needs settings that determine a state, but {','.join(counts.bases)} do not. "
            "Take --bases minimal or more."
        )
    return state_design(counts, FUNCTIONS[target])


def _repeats(program: Program, shots: Array) -> list[Array]:
    """Repeats of the rows of every measuring block, in whole numbers with the totals of the arms."""
    arms, size = program.points.arms, len(program.points)
    measuring = [block for block in program.blocks if not block.prepared]
    wanted = []
    for block in measuring:
        cells = arms.index(block.setting.arm) * size + block.point
        own = shots[cells, block.setting.member, program.bases.index(block.setting.basis)] / program.shots_per_row
        wanted.append(np.where(block.repeats > 0, np.maximum(own, 1e-9), 0.0))
    step = max(1, program.shots // program.shots_per_row // STEPS)
    found: dict[int, Array] = {}
    for arm in arms:
        mine = [i for i, block in enumerate(measuring) if block.setting.arm == arm]
        total = int(sum(measuring[i].repeats.sum() for i in mine))
        whole = apportioned(np.stack([wanted[i] for i in mine]), total, step)
        found |= dict(zip(mine, whole, strict=True))
    return [found[i] for i in range(len(measuring))]
