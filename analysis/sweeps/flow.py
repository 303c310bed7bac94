r"""Net heat into one qubit along a sweep: its best and lowest times, when it turned, and how significant it is.

From a fit c + e^{-gamma t}(a cos omega t + b sin omega t) the net heat is Q(t) = n(t) . (a, b) with
n(t) = (e^{-gamma t} cos omega t - 1, e^{-gamma t} sin omega t). Heat never flows into the qubit within the sweep if
n(t) . (a, b) <= 0 for all its t, which is a wedge of (a, b); without damping and over a full period it is the half
line b = 0, a >= 0. The significance of net heat is the distance of the fitted (a, b) from that wedge in their own
covariance, judged by its law where nothing oscillates at all (`cone_sigma`): one number for the run, with no time
picked out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analysis.statistics import cone_sigma, global_sigma, student_sigma, student_threshold
from analysis.sweeps.oscillation import Oscillation
from protocols import Array

SEEN_SIGMA = 3.0
"""Net heat below this many standard errors is not taken for a turn of the flow."""

Moment = tuple[float, float, float]
"""Time, net heat, its standard error."""


@dataclass(frozen=True, kw_only=True)
class Flow:
    """Net heat into a qubit along the axis."""

    best: Moment
    lowest: Moment
    up_sigma: float
    """Significance of net heat into the qubit anywhere in the sweep, one-sided."""
    down_sigma: float
    """Of net heat out of it."""
    forward_first: bool
    """Whether the qubit lost heat before it gained any."""
    turned: float | None
    """First time at which the flow changed its direction."""
    zero_again: float | None
    """First time after that at which the net heat is zero."""
    turned_low: bool
    """Whether the net heat was negative when the flow turned."""
    kind: str
    times: int
    """What it was read off: times of the fit, or points that were looked at."""
    trials: int = 0


def flow_of_fit(fitted: Oscillation, degrees: float = math.inf) -> Flow:
    """Net heat since time 0 from the fit of an energy.

    Args:
        fitted: Of the energy.
        degrees: Of freedom of its covariance, where errors are Student's t.
    """
    time = np.linspace(0, float(fitted.series.time.max()), 2001)
    heat, stderr = fitted.gained(time)
    seen = stderr * _heavier(degrees)
    high = _first_extreme(heat, stderr)
    forward_first = _seen_first(-heat, heat, seen) and heat[high] > 0
    before = slice(0, high + 1) if forward_first else slice(None)
    low = _first_extreme(-heat[before], stderr[before])
    turned, zero, turned_low = _turning(time, heat, seen)
    return Flow(
        best=_moment(fitted, time[high]),
        lowest=_moment(fitted, time[low]),
        up_sigma=_beyond(fitted, time, 1, degrees),
        down_sigma=_beyond(fitted, time, -1, degrees),
        forward_first=forward_first,
        turned=turned,
        zero_again=zero,
        turned_low=turned_low,
        kind="fit",
        times=len(np.unique(fitted.series.time)),
    )


def flow_of_points(time: Array, heat: Array, stderr: Array, *, degrees: float = math.inf) -> Flow:
    """Net heat read off the points after 0 of the axis, the best and the lowest with their trial factor.

    Args:
        time: The points in ascending order, (points,), one at least and none at 0, in the unit of the axis.
        heat: Net heat into the qubit since time 0, (points,).
        stderr: Its standard errors, (points,), in the unit of the heat.
        degrees: Of freedom of these errors, where they are Student's t.

    Examples:
        >>> found = flow_of_points([1.0, 2.0, 3.0], [-0.3, -0.1, 0.2], [0.05, 0.05, 0.05])
        >>> found.best, found.lowest
        ((3.0, 0.2, 0.05), (1.0, -0.3, 0.05))
    """
    time, heat, stderr = (np.asarray(a, dtype=float) for a in (time, heat, stderr))
    high, low, trials = int(np.argmax(heat)), int(np.argmin(heat)), len(heat)
    seen = stderr * _heavier(degrees)
    forward_first = _seen_first(-heat, heat, seen) and heat[high] > 0
    if forward_first:
        low = int(np.argmin(heat[: high + 1]))
    turned, zero, turned_low = _turning(time, heat, seen)
    up, down = (float(student_sigma(x, degrees)) for x in (heat[high] / stderr[high], -heat[low] / stderr[low]))
    return Flow(
        best=(float(time[high]), float(heat[high]), float(stderr[high])),
        lowest=(float(time[low]), float(heat[low]), float(stderr[low])),
        up_sigma=global_sigma(up, trials),
        down_sigma=global_sigma(down, trials),
        forward_first=forward_first,
        turned=turned,
        zero_again=zero,
        turned_low=turned_low,
        kind="best point" if trials > 1 else "point",
        times=trials,
        trials=trials,
    )


def _heavier(degrees: float) -> float:
    """By how much more of Student's t is as rare as `SEEN_SIGMA` of a normal law."""
    return student_threshold(SEEN_SIGMA, degrees) / SEEN_SIGMA


def _first_extreme(heat: Array, stderr: Array) -> int:
    """The first local maximum that is as high as any: later periods repeat it, and noise must not pick one of them."""
    inner = np.flatnonzero((heat[1:-1] >= heat[:-2]) & (heat[1:-1] >= heat[2:])) + 1
    local = np.unique(np.append(inner, [0, len(heat) - 1]))
    top = int(np.argmax(heat))
    enough = heat[top] - np.maximum(stderr[top], 0.01 * np.ptp(heat))
    return int(local[heat[local] >= enough][0])


def _seen_first(one: Array, other: Array, stderr: Array) -> bool:
    """Whether `one` is beyond noise before `other` is."""
    first = [np.flatnonzero(values > SEEN_SIGMA * np.maximum(stderr, 1e-12)) for values in (one, other)]
    return len(first[0]) > 0 and (len(first[1]) == 0 or first[0][0] < first[1][0])


def _moment(fitted: Oscillation, time: float) -> Moment:
    heat, stderr = fitted.gained(np.array([time]))
    return float(time), float(heat[0]), float(stderr[0])


def _turning(time: Array, heat: Array, stderr: Array) -> tuple[float | None, float | None, bool]:
    """The first turn that is more than noise, the next time of no net heat, and whether the turn was at a loss."""
    slope = np.sign(np.diff(heat))
    turns = np.flatnonzero(slope[1:] * slope[:-1] < 0) + 1
    turns = turns[np.abs(heat[turns]) > SEEN_SIGMA * stderr[turns]]
    for turn in turns.tolist():
        way = np.sign(heat[turn])
        back = way * (heat[turn] - heat[turn:])
        crossed = np.flatnonzero(heat[turn:] * way <= 0)
        # until it has come back by more than noise it may still go on
        if not (back > SEEN_SIGMA * np.hypot(stderr[turn], stderr[turn:])).any():
            continue
        if not len(crossed):
            return float(time[turn]), None, bool(way < 0)
        j = turn + int(crossed[0])
        fraction = heat[j - 1] / (heat[j - 1] - heat[j])
        return float(time[turn]), float(time[j - 1] + fraction * (time[j] - time[j - 1])), bool(way < 0)
    return None, None, False


def _beyond(fitted: Oscillation, time: Array, sign: int, degrees: float) -> float:
    """Significance of net heat into (sign 1) or out of (-1) the qubit: the distance of (a, b) from the wedge of none.

    The wedge is the null hypothesis, and its apex, where nothing oscillates, is the least favourable point of it.
    """
    _, _, _, omega, gamma = fitted.theta
    decay = np.exp(-gamma * time[1:])
    normals = sign * np.stack([decay * np.cos(omega * time[1:]) - 1, decay * np.sin(omega * time[1:])])
    root = np.linalg.cholesky(np.linalg.inv(fitted.covariance[1:3, 1:3])).T
    here, edges = root @ fitted.theta[1:3], np.linalg.inv(root).T @ normals
    if (edges.T @ here <= 0).all():
        # inside the wedge: minus the distance to its nearest edge
        inside = float(np.max((edges.T @ here) / np.maximum(np.linalg.norm(edges, axis=0), 1e-300)))
        return float(student_sigma(inside, degrees))
    turned = np.unwrap(np.arctan2(edges[1], edges[0]))
    return cone_sigma(float(np.linalg.norm(here - _nearest(here, edges))), float(np.ptp(turned)), degrees)


def _nearest(here: Array, edges: Array) -> Array:
    """Nearest point of {v: edges . v <= 0} in the plane: on one of its two boundary lines, or the apex."""
    unit = edges / np.maximum(np.linalg.norm(edges, axis=0), 1e-300)
    along = np.stack([-unit[1], unit[0]])
    candidates = np.concatenate([along * (along.T @ here), np.zeros((2, 1))], axis=1)
    # 1e-9 of the length: over a full period the wedge is a half line, which rounding must not empty
    slack = 1e-9 * (1 + np.linalg.norm(here))
    allowed = (unit.T @ candidates).max(axis=0) <= slack
    distances = np.where(allowed, np.linalg.norm(candidates - here[:, None], axis=0), np.inf)
    return candidates[:, int(np.argmin(distances))]
