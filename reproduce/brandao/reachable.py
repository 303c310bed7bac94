"""What three levels of equal energy may become: by the curves, and by each order alone."""

from __future__ import annotations

import numpy as np

from analysis.figures import Pen
from protocols import Array
from protocols.laws import ORDERS, renyi_divergence
from reproduce.brandao.levels import FLAT, MODEL, PAIRS
from reproduce.drawing import (
    ANOMALOUS,
    FORWARD,
    NORMAL,
    SECOND,
    THIRD,
    UNCORRELATED,
    Context,
    Curve,
    Figure,
    Offer,
    Panel,
)

CONTOURS = {"1/2": SECOND, "1": FORWARD, "2": THIRD, "inf": NORMAL}
"""Orders whose sets are drawn."""


def reachable(context: Context) -> Figure:
    """What (0.55, 0.40, 0.05) may become: by the curves, and by each order alone."""
    before = np.array(PAIRS["full"][0])
    lines = [*_outline("curves", "all thermal contacts (curves)", _hexagon(before), ANOMALOUS)]
    for name, pen in CONTOURS.items():
        lines += _outline(f"order-{name.replace('/', '-')}", f"order {name} alone", _contour(before, ORDERS[name]), pen)
    wanted = np.array(PAIRS["full"][1])
    lines += [
        Curve(name="start", label="before", x=before[:1], y=before[1:2], pen=ANOMALOUS, dots=True),
        Curve(name="wanted", label="(0.70, 0.16, 0.14)", x=wanted[:1], y=wanted[1:2], pen=UNCORRELATED, dots=True),
    ]
    panel = Panel(
        name="reachable",
        title="from (0.55, 0.40, 0.05)",
        label="population of level 2",
        column="population of level 2",
        curves=tuple(lines),
    )
    return Figure(
        name="reachable",
        title="What can be reached",
        caption=(
            "Populations of levels 1 and 2 of three of equal energy (level 3 has the rest). Inside the hexagon are all "
            "that a thermal contact can make of (0.55, 0.40, 0.05): mixtures of its permutations. Each order alone "
            "would allow what its own line encloses; the hexagon lies within all of them. The change to "
            "(0.70, 0.16, 0.14) is inside the line of order 1/2 and outside of the others."
        ),
        abscissa="population of level 1",
        column="population of level 1",
        panels=((panel,),),
        inferred=(MODEL,),
    )


def _hexagon(p: Array) -> Array:
    """Permutations of three populations in the order of the outline, (6, 3)."""
    a, b, c = np.sort(p)[::-1]
    return np.array([(a, b, c), (b, a, c), (c, a, b), (c, b, a), (b, c, a), (a, c, b)])


def _contour(p: Array, alpha: float) -> Array:
    """Populations of as much divergence, along rays from the thermal state, (places, 3)."""
    angle, level = np.linspace(0, 2 * np.pi, 361), renyi_divergence(p, FLAT, alpha)
    rays = np.stack([np.cos(angle), np.sin(angle), -np.cos(angle) - np.sin(angle)], axis=-1)
    # where the first population becomes 0, no order has more
    low, high = np.zeros(len(angle)), np.min(np.where(rays < 0, -1 / (3 * np.minimum(rays, -1e-300)), np.inf), axis=1)
    for _ in range(50):
        middle = (low + high) / 2
        inside = renyi_divergence(FLAT + middle[:, None] * rays, FLAT, alpha) < level
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return FLAT + high[:, None] * rays


def _outline(name: str, label: str, points: Array, pen: Pen) -> list[Curve]:
    """A convex outline as its upper and its lower half, for a line is drawn from left to right."""
    x, y = points[:, 0], points[:, 1]
    first, last = np.lexsort((y, x))[[0, -1]]
    chord = y[first] + (y[last] - y[first]) * (x - x[first]) / (x[last] - x[first])
    halves = []
    for side, sign in (("upper", 1), ("lower", -1)):
        kept = sign * (y - chord) >= -1e-12
        # up along an edge on the left and down along one on the right, or the other way round
        order = np.lexsort((np.where(x < (x[first] + x[last]) / 2, sign, -sign) * y, x))
        order = order[kept[order]]
        told = label if side == "upper" else ""
        halves.append(Curve(name=f"{name}-{side}", label=told, x=x[order], y=y[order], pen=pen))
    return halves


REACHABLE = Offer(make=reachable, measures=())
