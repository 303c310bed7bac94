"""One run proposed: at the time of the largest net heat, with what is expected of it and what it costs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.planning.allocation import allocate
from analysis.planning.effect import Effect
from analysis.planning.expectation import Expectation, expect
from analysis.planning.freedom import Freedom, freedoms
from analysis.planning.power import Power, Rehearsal, place_of
from analysis.planning.program import at, for_hardware, with_shots
from analysis.verdict import DIRECTION_SIGMA
from devices import Device
from devices.remote import Duration, duration
from protocols import Array, Program
from protocols.program import Experiment

CLAIMED, SEEN = 5.0, DIRECTION_SIGMA
"""Standard errors of a discovery, and those below which no flow is said to be seen."""
MOST = 10**9
"""Shots of a setting and point beyond which no more are thought of."""
LEVELS = (SEEN, CLAIMED)
PROMISED = 0.9
"""Probability of a verdict from which on shots are called enough."""
ENOUGH = 0.8
"""Of the available effect, below which a time is warned of."""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """One combination of the fields other than the axis."""

    where: Mapping[str, float]
    """The swept ones among them."""
    effect: Effect
    cold: str
    """The qubit that the effect is not of."""
    freedoms: tuple[Freedom, ...]
    asked: tuple[tuple[float, float], ...]
    """Times that were set, with the fraction of the available effect that each reaches; empty for the automatic."""
    time: float
    """Rounded to what is typed."""
    heat: float
    """Net heat into the hot qubit that the device is expected to show [gap]."""
    stderr: float
    """That the run will quote."""
    controls: Mapping[str, tuple[float, float]]
    """The same in every control arm."""
    direction: float
    """Significance of the temperature difference that the run will see at time 0."""
    power: Power
    """How often the run says "reversed" with the shots that were asked for."""
    shots: Mapping[float, int | None]
    """Significance -> shots of a setting and point with which at least 90 % of runs come to the whole verdict at it;
    None: no number does."""
    heat_shots: Mapping[float, int | None]
    """The same for the heat alone, in half of the runs."""
    missing: str | None
    """The condition of the verdict that no number of shots meets; None where some number does."""
    run_shots: int
    """Of the run that is proposed: what was asked for, or what is enough for the verdict."""
    duration: Duration
    """Of the run that is proposed."""

    @property
    def sigma(self) -> float:
        """Significance of the net heat at a time fixed in advance, which has no trial factor."""
        return self.heat / self.stderr

    @property
    def best_asked(self) -> tuple[float, float] | None:
        """The time that was set and reaches most."""
        return max(self.asked, key=lambda one: one[1], default=None)


def propose(
    program: Program,
    device: Device,
    effect: Effect,
    *,
    swept: tuple[str, ...],
    target: str | None,
    calibration_follows: bool,
) -> Proposal:
    """The run at the best time of one effect.

    Args:
        program: What was asked for.
        device: Where.
        effect: One that is there at all.
        swept: Fields other than the axis that take several values.
        target: For which shots are allocated; None: evenly.
        calibration_follows: Whether the calibration has the shots of the rest.
    """
    experiment = program.experiment
    time = typed(effect.time)
    where = {name: effect.where[name] for name in swept}
    planned = at(program, {**where, experiment.axis: time})
    if target is not None:
        planned = allocate(planned, device, target)
    expected = expect(planned, device)
    place = place_of(expected, effect, time)
    cell, *controls = map(int, place.cells)
    value, stderr = expected.heat(effect.subject)
    rehearsal = Rehearsal(expected=expected, place=place, calibration_follows=calibration_follows)
    power = rehearsal.power(planned.shots, LEVELS)
    shots = {sigma: rehearsal.shots_for(sigma) for sigma in LEVELS}
    enough = planned.shots if power.verdict[SEEN] >= PROMISED else shots[SEEN] or planned.shots
    return Proposal(
        where=where,
        effect=effect,
        cold=next(qubit for qubit in experiment.qubits if qubit != effect.subject),
        freedoms=freedoms(experiment, effect),
        asked=_asked(program, effect),
        time=time,
        heat=float(value[cell]),
        stderr=float(stderr[cell]),
        controls={
            arm: (float(value[i]), float(stderr[i])) for arm, i in zip(planned.points.arms[1:], controls, strict=True)
        },
        direction=_direction(expected),
        power=power,
        shots=shots,
        heat_shots={
            sigma: shots_of_heat(sigma, expected, effect.subject, cell, calibration_follows=calibration_follows)
            for sigma in LEVELS
        },
        missing=rehearsal.reason(SEEN),
        run_shots=enough,
        duration=_duration(expected, device, enough, calibration_follows),
    )


def _duration(expected: Expectation, device: Device, shots: int, calibration_follows: bool) -> Duration:
    program = expected.program
    more = program if shots == program.shots else with_shots(program, shots, calibration_follows=calibration_follows)
    hardware = for_hardware(more)
    return duration(expected.plan if hardware is program else device.prepare(hardware, 0), device)


def shots_of_heat(
    sigma: float, expected: Expectation, subject: str, cell: int, *, calibration_follows: bool
) -> int | None:
    """Shots of a setting and point at which the net heat of a cell is so many standard errors above 0, on average.

    Args:
        sigma: Wanted.
        expected: What the program says with its own shots.
        subject: The qubit whose heat it is.
        cell: Which cell.
        calibration_follows: Whether the calibration gets more shots alike.

    Returns:
        None where no number of shots does: no net heat, or an error that stays.
    """
    shots = expected.program.shots

    def reached(log: float) -> bool:
        factor = math.exp(log)
        value, stderr = expected.heat(subject, factor, None if calibration_follows else 1.0)
        return bool(value[cell] >= sigma * stderr[cell])

    low, high = math.log(1 / shots), math.log(MOST / shots)
    if not reached(high):
        return None
    if reached(low):
        return 1
    while high - low > 1e-4:
        middle = (low + high) / 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return int(np.ceil(shots * math.exp(high)))


def typed(time: float) -> float:
    """A time as it is typed: to nine digits, which changes no heat by more than 1e-17 at its maximum."""
    return float(f"{time:.9g}")


def _asked(program: Program, effect: Effect) -> tuple[tuple[float, float], ...]:
    given: Experiment = program.experiment
    times = getattr(given, given.axis)
    if times is None:
        return ()
    own: Array = np.atleast_1d(np.asarray(times, dtype=float))
    shares = effect.heat(own) / effect.available
    return tuple((float(t), float(s)) for t, s in zip(own, shares, strict=True))


def _direction(expected: Expectation) -> float:
    """How many standard errors apart the qubits are at time 0; infinite for a nominal reference."""
    found, start = expected.estimates, np.flatnonzero(expected.estimates.x(expected.estimates.axis) == 0)
    differences = [one for (name, _), one in found.quantities.items() if name == "energy_difference"]
    if not differences or not len(start):
        return float("inf")
    at = (0, start[0])
    return abs(float(differences[0].value[at])) / float(differences[0].stderr[at])
