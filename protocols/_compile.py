"""Experiment + Points -> Program: which templates run, with which angles, how often."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import partial

import numpy as np

from protocols._circuits import calibration
from protocols._errors import RequestError
from protocols._pauli import parse_bases
from protocols._program import Array, Block, Experiment, Outcome, Points, Program, Setting

MOST_SHOTS = 10**9


def compile(
    experiment: Experiment,
    points: Points | None = None,
    *,
    shots: int = 4096,
    bases: str | Sequence[str] = "full",
    calibration_shots: int = 0,
    quantum: int = 1,
    passes: int = 1,
) -> Program:
    """Compiles a sweep into blocks: one template each, with the angles of all its points.

    Args:
        experiment: The protocol with its fields.
        points: Its sweep; by default `experiment.points()`.
        shots: Shots of each setting and point, divided over the ensemble members in proportion to their
            weights (stratified: equal shots per member would cost up to 1.8 times the variance).
        bases: "full", "x-state", "minimal" or words such as "ZZ,XX".
        calibration_shots: Shots of each prepared pattern, half before and half after the measurement; 0
            for none.
        quantum: Shots of one executed row; 1 on simulators.
        passes: Into how many interleaved passes hardware spreads the repeats.

    Raises:
        RequestError: For shots below 1 or too few for every member, or bases that leave an energy unread.
    """
    points = experiment.points() if points is None else points
    _check_count("shots", shots, 1)
    _check_count("calibration_shots", calibration_shots, 0)
    if calibration_shots == 1:
        raise RequestError("Argument `calibration_shots` must be 0 or at least 2 (first and last), but is 1.")
    text = bases if isinstance(bases, str) else ",".join(bases)
    measured = parse_bases(text, len(experiment.qubits))
    _check_energies(experiment, measured)
    settings = experiment.settings(points, measured)
    repeats = _allocate(experiment, points, settings, shots // quantum)
    blocks = [_block(experiment, points, setting, repeats[setting.arm, setting.member]) for setting in settings]
    if calibration_shots:
        blocks += _calibration_blocks(experiment, calibration_shots // quantum)
    return Program(
        experiment=experiment,
        points=points,
        bases=measured,
        shots=shots,
        calibration_shots=calibration_shots,
        blocks=tuple(blocks),
        quantum=quantum,
        passes=passes,
    )


def _block(experiment: Experiment, points: Points, setting: Setting, repeats: Array) -> Block:
    angles = experiment.angles(setting, points)
    return Block(
        setting=setting,
        build=partial(experiment.template, setting),
        names=tuple(angles),
        values=np.stack(list(angles.values()), axis=1),
        point=np.arange(len(points)),
        weight=experiment.weights(setting, points),
        repeats=repeats,
        probabilities=experiment.exact(setting, points),
    )


def _allocate(
    experiment: Experiment, points: Points, settings: Sequence[Setting], units: int
) -> dict[tuple[str, int], Array]:
    """Whole numbers of repeats proportional to the weights, by largest remainder, at least 1 where w > 0."""
    allocated: dict[tuple[str, int], Array] = {}
    for arm in points.arms:
        one_each = {s.member: s for s in settings if s.arm == arm}
        weights = np.stack([experiment.weights(s, points) for s in one_each.values()], axis=1)
        present = weights > 0
        if (present.sum(axis=1) > units).any():
            raise RequestError(
                f"Argument `shots` must be at least {present.sum(axis=1).max()}, one for each member of the "
                f"ensemble in arm {arm}, but is {units}. Give e.g. --shots 4096."
            )
        counts = np.maximum(np.floor(weights * units), present).astype(int)
        missing = units - counts.sum(axis=1)
        remainder = np.where(present, weights * units - counts, -np.inf)
        for member in range(weights.shape[1]):  # the members are at most a handful
            rank = (remainder > remainder[:, [member]]).sum(axis=1)
            rank += (remainder[:, :member] == remainder[:, [member]]).sum(axis=1)
            counts[:, member] += (rank < missing) & present[:, member]
        # members lifted to their one shot take it from the heaviest
        excess = counts.sum(axis=1) - units
        counts[np.arange(len(counts)), counts.argmax(axis=1)] -= excess
        allocated |= {(arm, member): counts[:, i] for i, member in enumerate(one_each)}
    return allocated


def _calibration_blocks(experiment: Experiment, units: int) -> list[Block]:
    """Every computational pattern of the qubits that are read, once at each end of the run."""
    outcomes = tuple(Outcome(qubit=qubit) for qubit in experiment.qubits)
    blocks = []
    for index, bits in enumerate(itertools.product("01", repeat=len(outcomes))):
        prepared = "".join(bits)
        blocks.append(
            Block(
                setting=Setting(outcomes=outcomes),
                build=partial(calibration, outcomes, prepared),
                names=(),
                values=np.zeros((2, 0)),
                point=np.array([-1, -1]),
                weight=np.ones(2),
                repeats=np.array([units - units // 2, units // 2]),
                probabilities=np.tile(np.eye(2 ** len(outcomes))[index], (2, 1)),
                prepared=prepared,
            )
        )
    return blocks


def _check_energies(experiment: Experiment, bases: Sequence[str]) -> None:
    for i, qubit in enumerate(experiment.qubits):
        if not any(basis[i] == "Z" for basis in bases):
            raise RequestError(
                f"Argument `bases` must read every qubit in Z at least once, where energies are read, but "
                f"{','.join(bases)} never does so for {qubit}. Add {'Z' * len(experiment.qubits)}."
            )


def _check_count(name: str, value: int, least: int) -> None:
    if not isinstance(value, int | np.integer) or not least <= value <= MOST_SHOTS:
        raise RequestError(
            f"Argument `{name}` must be a whole number from {least} to {MOST_SHOTS}, but is {value!r}. Try 4096."
        )
