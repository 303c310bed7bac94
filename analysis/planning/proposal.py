"""One run proposed: at the time of the largest net heat, with what is expected of it and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.planning.allocation import allocate
from analysis.planning.effect import Effect
from analysis.planning.expectation import Expectation, expect
from analysis.planning.freedom import Freedom, freedoms
from analysis.planning.power import Power, Rehearsal, SideBySide, duration_of, fewest_for, place_of, side_by_side
from analysis.planning.program import at
from analysis.statistics import student_sigma
from analysis.verdict import DIRECTION_SIGMA
from devices import Device
from devices.remote import Duration
from protocols import Array, Program
from protocols.program import Experiment

CLAIMED, SEEN = 5.0, DIRECTION_SIGMA
"""Standard errors of a discovery, and those below which no flow is said to be seen."""
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
    """Of the run that is proposed: what was asked for, or what is enough for the verdict; of several copies those that
    are as significant as one copy with what was asked for, if they are enough for the verdict."""
    duration: Duration
    """Of the run that is proposed."""
    passes: int
    """Of it on hardware."""
    beside: SideBySide | None = None
    """What copies gain; None where there is one."""

    @property
    def sigma(self) -> float:
        """Net heat over its error, at a time fixed in advance, which has no trial factor."""
        return self.heat / self.stderr

    @property
    def worth(self) -> float:
        """The same as standard errors of a normal law, where that of several copies is Student's t."""
        return self.sigma if self.beside is None else float(student_sigma(self.sigma, self.beside.number - 1))

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
    beside = None if expected.copies == 1 else side_by_side(expected, device, effect.subject, cell, calibration_follows)
    wanted = planned.shots if beside is None else beside.shots or planned.shots
    seen = power if wanted == planned.shots else rehearsal.power(wanted, (SEEN,))
    enough = wanted if seen.verdict[SEEN] >= PROMISED else shots[SEEN] or wanted
    taken, passes = duration_of(expected, device, enough, calibration_follows=calibration_follows)
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
        duration=taken,
        passes=passes,
        beside=beside,
    )


def shots_of_heat(
    sigma: float, expected: Expectation, subject: str, cell: int, *, calibration_follows: bool
) -> int | None:
    """Shots of a setting and point at which the net heat of a cell is so many standard errors above 0, on average.

    Of several copies the errors are worth what leaves the same chance to a normal law.

    Args:
        sigma: Wanted.
        expected: What the program says with its own shots.
        subject: The qubit whose heat it is.
        cell: Which cell.
        calibration_follows: Whether the calibration gets more shots alike.

    Returns:
        None where no number of shots does: no net heat, or an error that stays.
    """
    calibration = None if calibration_follows else 1.0

    def reached(factor: float) -> bool:
        value, stderr = expected.heat(subject, factor, calibration)
        return bool(student_sigma(value[cell] / stderr[cell], expected.degrees) >= sigma)

    return fewest_for(reached, expected)


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
