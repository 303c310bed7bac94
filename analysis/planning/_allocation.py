"""Shots where they tell most about a target: over settings, members and points of every arm.

The variance of the target, summed over the points of an arm, is lowered by multiplying the shots of each stratum by the
root of what one more of them gains and scaling back to the total (a fixed point of it is the optimum; for heat it is
Neyman's allocation, J. R. Stat. Soc. 97, 558 (1934), after one step). Every stratum keeps `LEAST` of its even share, so
that what the bases determine stays determined, and every arm keeps its total.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analysis._frequencies import Counts
from analysis.planning._design import Design, heat_design, state_design
from analysis.planning._effect import effects
from analysis.planning._expectation import counted
from analysis.planning._target import FUNCTIONS, HEAT, check_target, qubit_word, shared_home, state_deviation
from devices import Device
from devices._expected import known_probabilities
from protocols import Array, Program, RequestError
from protocols._allocation import STEPS, apportioned, reallocated

LEAST = 1 / 8
"""Of its even share that every stratum keeps."""
ITERATIONS = 300


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
    plan = device.prepare(program, seed)
    counts = counted(plan, known_probabilities(plan, device))
    subject = effects(experiment, points)[0].subject
    home = shared_home(points, len(points.arms))
    shots = divided_shots(counts, target, qubit_word(experiment, subject), home, len(points.arms))
    return reallocated(program, _repeats(program, shots))


def divided_shots(counts: Counts, target: str, word: str, home: Array, arms: int = 1) -> Array:
    """Shots of every stratum, (cells, members, settings), that tell most about a target.

    Near the boundary of state space, and where a function of the state is flat, the optimum of first order need not be
    one: each arm gets it, or half of the way to it, or even shots, whichever has the smallest variance as
    `state_deviation` knows it.

    Args:
        counts: Expected, with even shots.
        target: Of which.
        word: The Pauli word of the hot qubit's energy.
        home: Index of the reference of each cell.
        arms: Number of arms, each with a total of its own.
    """
    even = counts.shots
    optimum = optimal_shots(target_design(counts, target, word, home), even, arms)
    if target == HEAT:
        return optimum
    candidates = [even, (even + optimum) / 2, optimum]
    variances = [state_deviation(with_shots(counts, shots), FUNCTIONS[target])[0] ** 2 for shots in candidates]
    found = np.empty_like(even)
    for cells in np.split(np.arange(len(even)), arms):
        best = int(np.argmin([variance[cells].sum() for variance in variances]))
        found[cells] = candidates[best][cells]
    return found


def with_shots(counts: Counts, shots: Array) -> Counts:
    """The same expected counts with other numbers of shots."""
    had = counts.shots
    return replace(counts, observed=counts.observed * (shots / np.where(had > 0, had, 1))[..., None])


def target_design(counts: Counts, target: str, word: str, home: Array) -> Design:
    """What the variance of a target is made of.

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


def optimal_shots(design: Design, even: Array, arms: int = 1) -> Array:
    """(cells, members, settings) of least variance to first order, every arm with its total, `LEAST` everywhere."""
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


def _repeats(program: Program, shots: Array) -> list[Array]:
    """Repeats of the rows of every measuring block, in whole numbers with the totals of the arms."""
    arms, size = program.points.arms, len(program.points)
    measuring = [block for block in program.blocks if not block.prepared]
    wanted = []
    for block in measuring:
        cells = arms.index(block.setting.arm) * size + block.point
        own = shots[cells, block.setting.member, program.bases.index(block.setting.basis)] / program.quantum
        wanted.append(np.where(block.repeats > 0, np.maximum(own, 1e-9), 0.0))
    step = max(1, program.shots // program.quantum // STEPS)
    found: dict[int, Array] = {}
    for arm in arms:
        mine = [i for i, block in enumerate(measuring) if block.setting.arm == arm]
        total = int(sum(measuring[i].repeats.sum() for i in mine))
        whole = apportioned(np.stack([wanted[i] for i in mine]), total, step)
        found |= dict(zip(mine, whole, strict=True))
    return [found[i] for i in range(len(measuring))]
