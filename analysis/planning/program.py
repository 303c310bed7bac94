"""The program of a request, compiled again with something changed."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping, Sequence
from typing import Any

from devices import HardwareOptions
from protocols import Array, Experiment, Program, compile
from protocols.program import ensemble_size


def at(program: Program, fields: Mapping[str, float | Array]) -> Program:
    """The program with other values of some fields, all else equal.

    Args:
        program: As it was asked for.
        fields: Name -> value, or values along a sweep.
    """
    experiment = typing.cast("Experiment", dataclasses.replace(typing.cast("Any", program.experiment), **fields))
    return _compiled(program, experiment)


def with_settings(program: Program, bases: Sequence[str], shots: int) -> Program:
    """The program in other settings, of other shots.

    Args:
        program: As it was asked for.
        bases: Other settings.
        shots: Of each setting and point.
    """
    return _compiled(program, program.experiment, bases=tuple(bases), shots=max(shots, program.shots_per_row))


def with_shots(program: Program, shots: int, *, calibration_follows: bool) -> Program:
    """The program with other shots of each setting and point.

    Args:
        program: As it was asked for.
        shots: Of each setting and point.
        calibration_follows: Whether the calibration has shots in proportion.
    """
    per_row = program.shots_per_row
    if per_row > 1:
        per_row, _ = HardwareOptions().quanta(shots, ensemble_size(program.experiment, program.points))
    calibration = program.calibration_shots
    if calibration_follows and calibration:
        calibration = max(2, round(calibration * shots / program.shots))
    return _compiled(program, program.experiment, shots=shots, calibration_shots=calibration, shots_per_row=per_row)


def without_controls(program: Program) -> Program:
    """The main arm alone."""
    return _compiled(program, program.experiment, options={**program.points.options, "control": ""})


def for_hardware(program: Program, passes: int | None = None) -> Program:
    """The program in rows of equal shots and interleaved passes, as hardware takes it.

    Args:
        program: As it was asked for.
        passes: How many; None: as many as it has on hardware, or the usual number.
    """
    if program.shots_per_row > 1:
        return program if passes in (None, program.passes) else _compiled(program, program.experiment, passes=passes)
    shots_per_row, usual = HardwareOptions().quanta(program.shots, ensemble_size(program.experiment, program.points))
    return _compiled(program, program.experiment, shots_per_row=shots_per_row, passes=passes or usual)


def _compiled(
    program: Program,
    experiment: Experiment,
    *,
    options: Mapping[str, str] | None = None,
    bases: tuple[str, ...] | None = None,
    shots: int | None = None,
    calibration_shots: int | None = None,
    shots_per_row: int | None = None,
    passes: int | None = None,
) -> Program:
    nominal = bool((program.points.reference < 0).any())
    known = dict(program.points.options if options is None else options)
    return compile(
        experiment,
        experiment.points(known, "nominal" if nominal else "measured"),
        shots=program.shots if shots is None else shots,
        bases=program.bases if bases is None else bases,
        calibration_shots=program.calibration_shots if calibration_shots is None else calibration_shots,
        shots_per_row=program.shots_per_row if shots_per_row is None else shots_per_row,
        passes=program.passes if passes is None else passes,
        alone=program.alone,
    )
