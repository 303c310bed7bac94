"""Where a machine gives most in one cycle, exactly: along each of its parameters alone, and along all together.

Of an engine that is work, as far as the baths pay for it in the same cycle, min(W, Q_h + Q_c): in a cycle that is not
closed the qubits pay, too, and would be found to work best without baths. Of a refrigerator it is the heat drawn from
the colder bath. What takes work in gives none.
"""

from __future__ import annotations

import math
import typing
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from analysis.evaluation import exact_estimates
from analysis.intervals import stored_cells
from devices.record import exact_at
from protocols import Array, Experiment
from protocols.program import Machine, Parameter, parameters

GIVES = {"engine": "work", "refrigerator": "heat"}
"""What is asked of each cycle."""
STEPS, ZOOMS, ROUNDS = 33, 3, 3
"""Values of a parameter that are looked at; how often more closely around the best, to 1e-4 of the range; and how often
all parameters in turn."""
WIDEST = 2.0
"""Upper end of a parameter without one, over its value as asked."""


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """The best values of one parameter, or of all together, the others as they were asked for."""

    quantity: str
    """"work" of an engine, "heat" of the colder bath of a refrigerator: in each cycle."""
    best: Mapping[str, float]
    given: float
    """What one cycle gives as asked [gap]."""
    most: float
    """And at the best values."""


def tunings(experiment: Experiment, machine: Machine, where: Mapping[str, float], regime: str) -> tuple[Tuning, ...]:
    """Of every parameter that a machine is tuned by alone, then of all together; of engines and refrigerators.

    Args:
        experiment: The protocol with its fields.
        machine: Where its rows are, and what it is tuned by.
        where: Values of the fields that were swept.
        regime: As what.
    """
    if regime not in GIVES:
        return ()
    kind = GIVES[regime]
    fixed = replace(typing.cast("typing.Any", experiment), **where)
    specs = {spec.name: spec for spec in parameters(experiment)}
    points = fixed.points({}, reference="nominal")
    asked = {name: float(points.parameters[name][-1]) for name in machine.tuned}
    given = float(_given(fixed, {name: np.array([value]) for name, value in asked.items()}, kind, machine)[0])
    found = []
    for name in machine.tuned:
        best, most = _along(fixed, specs[name], asked[name], given, kind, machine)
        found.append(Tuning(quantity=kind, best={name: best}, given=given, most=most))
    best, most = dict(asked), given
    for _ in range(ROUNDS):
        for name in machine.tuned:
            best[name], most = _along(replace(fixed, **best), specs[name], best[name], most, kind, machine)
    return (*found, Tuning(quantity=kind, best=best, given=given, most=most))


def _along(
    experiment: typing.Any, spec: Parameter, start: float, given: float, kind: str, machine: Machine
) -> tuple[float, float]:
    """The best value of one parameter and what it gives, looked for more and more closely."""
    low, high = _range(spec, start)
    best, most = start, given
    for _ in range(ZOOMS):
        tried = np.linspace(low, high, STEPS)
        gained = _given(experiment, {spec.name: tried}, kind, machine)
        i = int(np.argmax(gained))
        if gained[i] > most:
            best, most = float(tried[i]), float(gained[i])
        width = (high - low) / (STEPS - 1)
        low, high = max(low, best - width), min(high, best + width)
    return best, most


def _range(spec: Parameter, asked: float) -> tuple[float, float]:
    """Where a parameter is looked for: angles up to a full swap, all else up to twice its value."""
    if spec.unit == "rad":
        return 0.0, math.pi / 2
    low = spec.low if math.isfinite(spec.low) else 0.0
    high = spec.high if math.isfinite(spec.high) else WIDEST * asked
    margin = 1e-3 * (high - low) if spec.strict else 0.0
    return low + margin, high - margin


def _given(experiment: typing.Any, values: Mapping[str, Array], kind: str, machine: Machine) -> Array:
    """What the last cycle gives at some values, exactly, (values,)."""
    moved = replace(experiment, **values)
    points = moved.points({}, reference="nominal")
    last = points.parameters[moved.axis] == points.parameters[moved.axis].max()
    points = points.at(np.flatnonzero(last))
    keys = [("heat", machine.hot), ("heat", machine.cold), ("work", machine.work)]
    own = [o for o in moved.observables(points) if o.key in keys]
    cells = stored_cells(points, 1, exact_at(moved, points), "", moved, moved.qubits)
    found = exact_estimates(own, cells, points, points.arms, moved.axis).quantities
    hot, cold, work = (found[key].ideal[0] for key in keys)
    drawn = np.where(machine.hotter(points.parameters) < 0, hot, cold)
    return drawn if kind == "heat" else np.minimum(work, hot + cold)
