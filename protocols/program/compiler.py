"""Experiment + Points -> Program: which templates run, with which angles, how often."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import partial

import numpy as np

from protocols.pauli import MANY, parse_bases
from protocols.program.allocation import largest_remainder
from protocols.program.circuits import calibration
from protocols.program.experiment import Drawing, Experiment
from protocols.program.points import Points
from protocols.program.program import Block, Program
from protocols.program.protocol_file import check_quantities
from protocols.program.setting import Outcome, Setting
from protocols.types import Array, RequestError

MOST_SHOTS = 10**9


def compile(
    experiment: Experiment,
    points: Points | None = None,
    *,
    shots: int = 4096,
    bases: str | Sequence[str] | None = None,
    calibration_shots: int = 0,
    shots_per_row: int = 1,
    passes: int = 1,
    alone: int = 0,
) -> Program:
    """Compiles a sweep into blocks: one template each, with the angles of all its points.

    Args:
        experiment: The protocol with its fields.
        points: Its sweep; by default `experiment.points()`.
        shots: Shots of each setting and point, divided over the ensemble members in proportion to their
            weights (stratified: equal shots per member would cost up to 1.8 times the variance).
        bases: A name among the protocol's `measurements`, words such as "ZZ,XX", or None for the protocol's own.
        calibration_shots: Shots of each prepared pattern, half before and half after the measurement; 0
            for none.
        shots_per_row: Shots of one executed row; 1 on simulators. Numbers of shots are rounded down to multiples of it.
        passes: Into how many interleaved passes hardware spreads the repeats.
        alone: Passes more in which some of several copies run while all others idle.

    Raises:
        RequestError: For shots below 1 or too few for every member, or bases that leave an energy unread.
        ProtocolError: For quantities that read what is not there, or a goal without its limit.
    """
    points = experiment.points() if points is None else points
    _check_count("shots_per_row", shots_per_row, 1)
    _check_count("passes", passes, 1)
    _check_count("alone", alone, 0)
    _check_count("shots", shots, shots_per_row)
    _check_count("calibration_shots", calibration_shots, 0)
    shots, calibration_shots = shots - shots % shots_per_row, calibration_shots - calibration_shots % shots_per_row
    if calibration_shots == 1:
        raise RequestError("Argument `calibration_shots` must be 0 or at least 2 (first and last), but is 1.")
    named = experiment.measurements
    text = next(iter(named)) if bases is None else bases if isinstance(bases, str) else ",".join(bases)
    measured = parse_bases(text, len(experiment.qubits), named)
    _check_energies(experiment, measured)
    settings = experiment.settings(points, measured)
    check_quantities(experiment, points, {o.register: None for s in settings for o in s.outcomes if o.register})
    repeats = _allocate(experiment, points, settings, shots // shots_per_row, shots_per_row)
    blocks = [
        _block(experiment, points, setting, repeats[index], shots_per_row) for index, setting in enumerate(settings)
    ]
    if calibration_shots:
        blocks += _calibration_blocks(experiment, settings, calibration_shots // shots_per_row)
    return Program(
        experiment=experiment,
        points=points,
        bases=measured,
        shots=shots,
        calibration_shots=calibration_shots,
        blocks=tuple(blocks),
        shots_per_row=shots_per_row,
        passes=passes,
        alone=alone,
    )


def _block(experiment: Experiment, points: Points, setting: Setting, repeats: Array, shots_per_row: int) -> Block:
    where = np.flatnonzero(experiment.applies(setting, points))
    own = points.at(where)
    angles, weight = experiment.angles(setting, own), experiment.weights(setting, own)
    drawn = experiment.drawn(setting, own, repeats * shots_per_row) if isinstance(experiment, Drawing) else None
    if drawn is not None:
        _check_drawn(experiment, shots_per_row)
        row, repeats, flips = drawn
        where, weight = where[row], weight[row]
        angles = {**{name: values[row] for name, values in angles.items()}, **flips}
    return Block(
        setting=setting,
        build=partial(experiment.template, setting),
        names=tuple(angles),
        values=np.stack(list(angles.values()), axis=1) if angles else np.zeros((len(own), 0)),
        point=where,
        weight=weight,
        repeats=repeats,
        expect=partial(experiment.exact, setting, own),
        drawn=drawn is not None,
    )


def _check_drawn(experiment: Experiment, shots_per_row: int) -> None:
    if shots_per_row != 1:
        raise RequestError(
            f"Argument `device` must be a simulator for {experiment.name} of so many qubits with this start, whose "
            "members are drawn shot by shot, but it runs a circuit many times. Take --device aer, or a start of few "
            "members."
        )


def ensemble_size(experiment: Experiment, points: Points) -> int:
    """Members of the largest ensemble of a sweep: the least number of parts that its shots are divided into.

    Args:
        experiment: The protocol with its fields.
        points: Its sweep.
    """
    bases = next(iter(experiment.measurements.values()))
    return 1 + max(setting.member for setting in experiment.settings(points, bases))


def _allocate(
    experiment: Experiment, points: Points, settings: Sequence[Setting], units: int, shots_per_row: int
) -> list[Array]:
    """Repeats of the rows of each setting, as many as its ensemble gives it."""
    ensembles: dict[tuple[object, ...], dict[int, Setting]] = {}
    for s in settings:
        ensembles.setdefault((s.arm, s.structure), {}).setdefault(s.member, s)
    shared: dict[tuple[object, ...], Array] = {}
    for (arm, structure), one_each in ensembles.items():
        own = points.at(np.flatnonzero(experiment.applies(next(iter(one_each.values())), points)))
        weights = np.stack([experiment.weights(s, own) for s in one_each.values()], axis=1)
        _check_shots(weights, units, str(arm), shots_per_row)
        counts = largest_remainder(weights * units, units, least=1)
        shared |= {(arm, structure, member): counts[:, i] for i, member in enumerate(one_each)}
    return [shared[s.arm, s.structure, s.member] for s in settings]


def _check_shots(weights: Array, units: int, arm: str, shots_per_row: int) -> None:
    """Every member of an ensemble, (points, members), needs one unit."""
    most = (weights > 0).sum(axis=1).max()
    if most > units:
        raise RequestError(
            f"Argument `shots` must be at least {most * shots_per_row}, {shots_per_row} for each "
            f"member of the ensemble in arm {arm}, but is {units * shots_per_row}. Give e.g. --shots "
            f"{4096 * shots_per_row}."
        )


def _calibration_blocks(experiment: Experiment, settings: Sequence[Setting], units: int) -> list[Block]:
    """Every computational pattern of the system, once at each end of the run; ancillas are prepared along with it.

    Of many qubits four patterns, in which each qubit and each two neighbours have every value. Each ancilla takes the
    bit of a qubit of the system, so that it is 0 and 1 equally often.
    """
    system = [Outcome(qubit=qubit) for qubit in experiment.qubits]
    read = dict.fromkeys(o.qubit for setting in settings for o in setting.outcomes)
    ancillas = [Outcome(qubit=name) for name in read if name not in experiment.qubits]
    outcomes = (*system, *ancillas)
    blocks = []
    for bits in _patterns(len(system)):
        prepared = "".join([*bits, *(bits[i % len(bits)] for i in range(len(ancillas)))])
        blocks.append(
            Block(
                setting=Setting(outcomes=outcomes),
                build=partial(calibration, outcomes, prepared),
                names=(),
                values=np.zeros((2, 0)),
                point=np.array([-1, -1]),
                weight=np.ones(2),
                repeats=np.array([units - units // 2, units // 2]),
                expect=partial(_certain, prepared, rows=2),
                prepared=prepared,
            )
        )
    return blocks


def _patterns(qubits: int) -> list[tuple[str, ...]]:
    if qubits <= MANY:
        return list(itertools.product("01", repeat=qubits))
    return [tuple((first + second) * qubits)[:qubits] for first in "01" for second in "01"]


def _certain(bits: str, rows: int) -> Array:
    """Probabilities of outcomes of which one is certain, (rows, 2**outcomes)."""
    return np.tile(np.eye(1, 2 ** len(bits), int(bits, 2)), (rows, 1))


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
