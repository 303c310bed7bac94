"""What copies side by side gain: shots of each with which all together know the heat as well as one would alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from analysis.copies import expected_linear
from analysis.planning.expectation import Expectation
from analysis.planning.power.runs import fewest_shots
from analysis.planning.program import for_hardware, with_shots
from devices import Device
from devices.remote import Duration, duration, executed_jobs, passes_worth
from protocols import Program

MOST = 10**9
"""Shots of a setting and point beyond which no more are thought of."""


@dataclass(frozen=True, kw_only=True)
class SideBySide:
    """Copies of a proposal."""

    number: int
    alone: tuple[float, float]
    """Net heat of the copy that would know it best by itself, with the shots asked for, and its error [gap]."""
    tau: float
    """Standard deviation between the heats that the copies are expected to show [gap]."""
    shots: int | None
    """Of each setting and point with which the heat of all is as many errors above 0 as that of one alone with the
    shots asked for; None: no number does."""
    alone_duration: Duration
    """Of one copy with the shots asked for."""

    @property
    def least(self) -> float:
        """Error of the mean that no number of shots gets below [gap]."""
        return self.tau / math.sqrt(self.number)


def side_by_side(
    expected: Expectation, device: Device, subject: str, cell: int, calibration_follows: bool
) -> SideBySide:
    """What the copies of a program gain in the heat of one cell.

    Args:
        expected: What is expected of the program, with the shots that were asked for.
        device: Where.
        subject: The qubit whose heat it is.
        cell: Which cell.
        calibration_follows: Whether the calibration gets more shots alike.
    """
    heat = expected.heat_of(subject)
    own = [expected_linear(heat, one, expected.view) for one in expected.each]
    alone = max(((float(v[cell]), float(np.sqrt(w[cell]))) for v, w in own), key=lambda one: one[0] / one[1])
    calibration = None if calibration_follows else 1.0

    def reached(factor: float) -> bool:
        value, stderr = expected.heat(subject, factor, calibration)
        return bool(value[cell] * alone[1] >= alone[0] * stderr[cell])

    return SideBySide(
        number=expected.copies,
        alone=alone,
        tau=float(np.std([value[cell] for value, _ in own], ddof=1)),
        shots=fewest_for(reached, expected),
        # one copy has no others that could idle
        alone_duration=taken(expected, device, replace(for_hardware(expected.program), alone=0)),
    )


def fewest_for(reached: Callable[[float], bool], expected: Expectation) -> int | None:
    """The fewest shots of a setting and point that are enough; None where no number is.

    Args:
        reached: Whether so many times the shots asked for are enough.
        expected: What is expected of the program with these.
    """
    shots = expected.program.shots
    low, high = math.log(fewest_shots(expected) / shots), math.log(MOST / shots)
    if not reached(math.exp(high)):
        return None
    if reached(math.exp(low)):
        return fewest_shots(expected)
    while high - low > 1e-4:
        middle = (low + high) / 2
        low, high = (low, middle) if reached(math.exp(middle)) else (middle, high)
    return int(np.ceil(shots * math.exp(high)))


def duration_of(
    expected: Expectation, device: Device, shots: int, *, calibration_follows: bool
) -> tuple[Duration, int]:
    """How long a program would occupy a processor with other shots, and its passes, of copies as few as are worth it.

    Args:
        expected: What is expected of the program.
        device: Where.
        shots: Of each setting and point.
        calibration_follows: Whether the calibration has shots in proportion.
    """
    program = expected.program
    more = program if shots == program.shots else with_shots(program, shots, calibration_follows=calibration_follows)
    hardware = for_hardware(more)
    if expected.copies > 1:
        hardware = for_hardware(more, passes=passes_worth(taken(expected, device, hardware), hardware.passes))
    return taken(expected, device, hardware), hardware.passes


def taken(expected: Expectation, device: Device, hardware: Program) -> Duration:
    """How long a program of the same circuits on the same copies would occupy a processor.

    Args:
        expected: What is expected of the program with other shots.
        device: Where.
        hardware: The program as hardware takes it.
    """
    if expected.copies == 1:
        return duration(expected.plan if hardware is expected.program else device.prepare(hardware, 0), device)
    plan = replace(expected.plan, program=hardware)
    return duration(replace(plan, jobs=executed_jobs(plan)), device)
