"""Erasure of a bit in K full swaps: the staircase whose area is the heat, and how the heat approaches the bound."""

from __future__ import annotations

import numpy as np

from analysis.figures import Pen
from protocols import Array
from protocols.landauer_erasure import LandauerErasure
from reproduce.demon import closed
from reproduce.drawing import (
    ANOMALOUS,
    FORWARD,
    NORMAL,
    REFERENCE,
    UNCORRELATED,
    Comparison,
    Context,
    Curve,
    Figure,
    Measure,
    Offer,
    Panel,
)

CASES = ((0.7, 0.04), (1.0, 0.01))
"""Temperature and p_K: those of the protocol, and those of which most numbers are known."""
SHOWN = (1, 2, 3, 4, 6, 8, 16, 32, 64)
"""Numbers of steps."""
STAIRS = {1: UNCORRELATED, 3: ANOMALOUS, 8: FORWARD}
TABLE = {
    (0.7, 0.04): ({1: "1.0233333", 2: "0.6718009", 3: "0.5624559", 4: "0.5101258", 8: "0.4356153"}, "0.3676421"),
    (1.0, 0.01): (
        {1: "2.251609", 2: "1.388474", 4: "0.985690", 8: "0.799754", 16: "0.714025", 64: "0.655202"},
        "0.637146",
    ),
}  # fmt: skip
"""Heat by number of steps, and the bound."""


def staircase(context: Context) -> Figure:
    """w against p: steps, and the curve that infinitely many of them follow."""
    panels = tuple(
        Panel(
            name=f"staircase-{_stem(T, final)}",
            title=_title(T, final),
            label="gap of the ancilla [gap]",
            column="gap of the ancilla [gap]",
            curves=(_smooth(T, final), *(_stairs(T, final, number, pen) for number, pen in STAIRS.items())),
        )
        for T, final in CASES
    )
    return Figure(
        name="staircase",
        title="Landauer's staircase",
        caption=(
            "A bit that is 0 or 1 as often (right end) is erased to the left: each step is a full swap with a fresh "
            "ancilla of a larger gap. The area under a staircase is the heat that the bath takes in; the area under "
            "the smooth curve, an ancilla for every value of p, is Landauer's bound."
        ),
        abscissa="excited population of the bit, p",
        column="population",
        panels=(panels,),
        comparisons=_gaps(),
    )


def erasure(context: Context) -> Figure:
    """Heat against 1/K."""
    panels = tuple(
        Panel(
            name=f"heat-{_stem(T, final)}",
            title=_title(T, final),
            label="heat into the bath [gap]",
            column="heat into the bath [gap]",
            curves=(
                Curve(
                    name=f"heat-{_stem(T, final)}",
                    label="K full swaps",
                    x=1 / np.array(SHOWN, dtype=float),
                    y=np.array([closed.heat(T, final, number) for number in SHOWN]),
                    pen=ANOMALOUS,
                    dots=True,
                ),
                _line(f"bound-{_stem(T, final)}", "bound T [ln 2 - h(p_K)]", np.full(2, closed.bound(T, final))),
            ),
        )
        for T, final in CASES
    )
    return Figure(
        name="erasure",
        title="Heat of erasure against the number of steps",
        caption=(
            "Heat that the bath takes in when a bit is erased in K = 1, 2, 3, 4, 6, 8, 16, 32 and 64 steps, against "
            "1/K: slower erasure costs less, and the excess over Landauer's bound falls as 1/K."
        ),
        abscissa="1/K, K the number of steps",
        column="1/steps",
        panels=(panels,),
        comparisons=_compared(),
        measures=ERASURE.measures,
    )


def _gaps() -> tuple[Comparison, ...]:
    """Of the three steps that the protocol takes by default."""
    T, final = CASES[0]
    printed = ("0.443607", "0.999946", "2.224638")
    return tuple(
        Comparison(quantity=f"{_title(T, final)}: gap of step {k + 1} of 3 [gap]", ours=float(w), reference=printed[k],
                   source=REFERENCE)
        for k, w in enumerate(closed.steps(T, final, 3)[1])
    )  # fmt: skip


def _compared() -> tuple[Comparison, ...]:
    found = []
    for (T, final), (heats, least) in TABLE.items():
        lines = {f"heat of K = {k} [gap]": (closed.heat(T, final, k), printed) for k, printed in heats.items()}
        for name, (ours, printed) in {**lines, "bound [gap]": (closed.bound(T, final), least)}.items():
            quantity = f"{_title(T, final)}: {name}"
            found.append(Comparison(quantity=quantity, ours=ours, reference=printed, source=REFERENCE))
    return tuple(found)


def _smooth(T: float, final: float) -> Curve:
    p = np.linspace(final, 0.5, 201)
    return Curve(name=f"gap-{_stem(T, final)}", label="infinitely many steps", x=p, y=closed.gap(T, p), pen=NORMAL)


def _stairs(T: float, final: float, number: int, pen: Pen) -> Curve:
    """From right to left: up at p_(k-1), then level to p_k."""
    p, w = closed.steps(T, final, number)
    # a vertical piece has two ordinates at one abscissa, in the order of the line; the middle of each step is a point,
    # for a line of two points is not joined
    x = np.stack([p[:-1], (p[:-1] + p[1:]) / 2, p[1:]], axis=1).ravel()[::-1]
    y = np.repeat(w, 3)[::-1]
    return Curve(name=f"stairs-{number}-{_stem(T, final)}", label=f"K = {number}", x=x, y=y, pen=pen)


def _line(name: str, label: str, y: Array) -> Curve:
    return Curve(name=name, label=label, x=np.array([0.0, 1.0]), y=y, pen=UNCORRELATED, faint=True)


def _title(T: float, final: float) -> str:
    return f"T = {T:g} gap, p_K = {final:g}"


def _stem(T: float, final: float) -> str:
    return f"T-{T:g}-p-{final:g}".replace(".", "p")


STAIRCASE = Offer(make=staircase, measures=())
ERASURE = Offer(
    make=erasure,
    measures=tuple(
        Measure(
            panel=f"heat-{_stem(T, final)}",
            observable="heat",
            subject="bath",
            experiment=LandauerErasure(T=T, final_excitation=final),
            pen=ANOMALOUS,
            label="heat",
            axis="steps",
            reciprocal=True,
        )
        for T, final in CASES
    ),
)
