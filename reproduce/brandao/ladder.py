"""A qubit that meets a thermal ladder: how cold against the number of rungs."""

from __future__ import annotations

import typing

import numpy as np

from protocols import Array
from protocols.ladder_cooling import LadderCooling
from protocols.quantities import thermal
from reproduce.drawing import (
    ANOMALOUS,
    FORWARD,
    REFERENCE,
    SECOND,
    UNCORRELATED,
    Comparison,
    Context,
    Curve,
    Figure,
    Measure,
    Offer,
    Panel,
)

RUNGS = np.array([2, 3, 4, 5, 6, 7, 8, 10, 12])
CASES = {"excited": (1.0, 1.0), "hot": (0.8, 0.9)}
"""Temperature of the ladder and excited population of the qubit; that of all members' numbers, and the protocol's."""
TABLE = {
    "excited": {2: "0.268941", 3: "0.090031", 4: "0.032059", 8: "0.000577"},
    "hot": {2: "0.2227001", 3: "0.0809121", 4: "0.0433707", 8: "0.0287490"},
}
"""Excited population after one ladder, by its number of rungs."""
FROM_EXCITED = "0.0168936"
"""What four rungs leave at T = 0.8 of an excited qubit."""
MODEL = "The ladder, its temperatures and its starts were chosen here."


def after(T: float, p: Array | float, rungs: Array | int) -> Array:
    r"""Excited population after one thermal ladder, $p' = p(1-\lambda) + (1-p)x\lambda$.

    With $\lambda = 1 - x^{d-1}(1-x)/(1-x^d)$ and $x = e^{-1/T}$.

    Args:
        T: Temperature of the ladder [gap/k_B].
        p: Excited population before.
        rungs: Number of levels d of the ladder.

    Examples:
        >>> [float(after(1.0, 1.0, d).round(6)) for d in (2, 3, 4, 8)]
        [0.268941, 0.090031, 0.032059, 0.000577]
    """
    x, d = np.exp(-1 / T), np.asarray(rungs, dtype=float)
    share = 1 - x ** (d - 1) * (1 - x) / (1 - x**d)
    return p * (1 - share) + (1 - p) * x * share


def rungs(context: Context) -> Figure:
    """Excited population against d."""
    panels = tuple(
        Panel(
            name=f"rungs-{name}",
            title=f"T = {T:g}, from {p:g}",
            label="excited population",
            column="excited population",
            curves=(
                Curve(
                    name=f"rungs-{name}",
                    label="after one ladder of d rungs",
                    x=RUNGS.astype(float),
                    y=after(T, p, RUNGS),
                    pen=ANOMALOUS,
                    dots=True,
                ),
                _level(
                    f"thermal-{name}", "thermal: what a swap leaves", float(thermal.excited_population(T)), UNCORRELATED
                ),
                _level(f"longest-{name}", "longest ladder, (1 - p) e^(-1/T)", float((1 - p) * np.exp(-1 / T)), FORWARD),
            ),
        )
        for name, (T, p) in CASES.items()
    )
    return Figure(
        name="rungs",
        title="Colder than the bath, by a ladder of that bath",
        caption=(
            "Excited population of a qubit after one contact with a thermal ladder of d rungs, which takes its quantum "
            "wherever there is a rung above. d = 2 is the swap with a thermal qubit; from d = 3 on the qubit is colder "
            "than the bath it met, and no second law is broken."
        ),
        abscissa="rungs of the ladder d",
        column="rungs",
        panels=(panels,),
        comparisons=(*_populations(), _excited()),
        measures=RUNGS_OF_LADDER.measures,
        inferred=(MODEL,),
    )


def _level(name: str, label: str, value: float, pen: typing.Any) -> Curve:
    return Curve(name=name, label=label, x=np.array([2.0, 12.0]), y=np.full(2, value), pen=pen, faint=True)


def _populations() -> list[Comparison]:
    return [
        Comparison(
            quantity=f"T = {CASES[name][0]:g}, from {CASES[name][1]:g}: excited population, d = {d}",
            ours=float(after(*CASES[name], d)),
            reference=printed,
            source=REFERENCE,
        )
        for name, numbers in TABLE.items()
        for d, printed in numbers.items()
    ]


def _excited() -> Comparison:
    ours = float(after(0.8, 1.0, 4))
    return Comparison(
        quantity="T = 0.8, from 1: excited population, d = 4", ours=ours, reference=FROM_EXCITED, source=REFERENCE
    )


def ladder_of(name: str) -> LadderCooling:
    """The protocol before and after one ladder.

    Args:
        name: A key of `CASES`.
    """
    T, p = CASES[name]
    return LadderCooling(T=T, initial=p, collisions=[0, 1])


RUNGS_OF_LADDER = Offer(
    make=rungs,
    measures=tuple(
        Measure(
            panel=f"rungs-{name}",
            observable="energy",
            subject="system",
            experiment=ladder_of(name),
            pen=pen,
            label=label,
            axis="collisions",
            arm=arm,
            only=1.0,
            at=float(d),
        )
        for name in CASES
        for arm, d, label, pen in (
            ("main", 4, "four rungs, collision number", ANOMALOUS),
            ("swap", 2, "a swap, collision number", SECOND),
        )
    ),
)
