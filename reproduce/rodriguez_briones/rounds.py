"""Polarisation of the target against rounds, its limits, and how fast they are approached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.figures import Pen
from protocols import Array
from protocols.algorithmic_cooling import AlgorithmicCooling
from reproduce.drawing import (
    ANOMALOUS,
    REFERENCE,
    SECOND,
    THIRD,
    UNCORRELATED,
    Comparison,
    Context,
    Curve,
    Figure,
    Measure,
    Offer,
    Panel,
)
from reproduce.rodriguez_briones import model

EPS, LAST = 0.5, 10
"""Polarisation of the bath, chosen here, and the last round drawn."""
ROUND = np.arange(LAST + 1, dtype=float)


@dataclass(frozen=True, kw_only=True, eq=False)
class Way:
    """One way to cool, as the protocol names it."""

    panel: str
    label: str
    experiment: AlgorithmicCooling
    values: Array
    """After every round."""
    limit: float
    pen: Pen
    printed: tuple[str, ...]
    """Of rounds 1, 2, ... and of the limit, by the reference computation."""


def ways() -> Mapping[str, Way]:
    """By the name of their curves."""
    sizes = {n: model.sorted_and_reset(EPS, n, LAST).polarisation for n in (2, 3, 4)}
    printed = {2: ("0.5",), 3: ("0.6875", "0.6875", "0.757813", "0.8"), 4: ("0.975610",)}
    pens = {2: UNCORRELATED, 3: ANOMALOUS, 4: SECOND}
    found = {
        "hbac": Way(
            panel="hbac",
            label="target and two fresh qubits",
            experiment=AlgorithmicCooling(method="hbac", polarisation=EPS),
            values=model.hbac(EPS, LAST),
            limit=float(model.limit("hbac", np.array(EPS))),
            pen=ANOMALOUS,
            printed=("0.6875", "0.7578125", "0.784180", "0.794067", "0.8"),
        ),
        "overhauser": Way(
            panel="overhauser",
            label="target and a saturated spin",
            experiment=AlgorithmicCooling(method="overhauser", polarisation=EPS),
            values=model.joint(EPS, LAST),
            limit=float(model.limit("overhauser", np.array(EPS))),
            pen=THIRD,
            printed=("0.65", "0.725", "0.7625", "0.78125", "0.8"),
        ),
    }
    sorts = {
        f"ppa-{n}": Way(
            panel="ppa",
            label=f"{n} qubits sorted",
            experiment=AlgorithmicCooling(method="ppa", polarisation=EPS, size=n),
            values=sizes[n],
            limit=float(model.limit("ppa", np.array(EPS), n)),
            pen=pens[n],
            printed=printed[n],
        )
        for n in (2, 3, 4)
    }
    return {"hbac": found["hbac"], **sorts, "overhauser": found["overhauser"]}


PANELS = {"hbac": "(a) compression", "ppa": "(b) sort and reset", "overhauser": "(c) joint relaxation"}


def rounds(context: Context) -> Figure:
    """One panel a method."""
    known = ways()
    panels = tuple(
        Panel(
            name=name,
            title=title,
            label="polarisation of the target",
            column="polarisation",
            curves=tuple(curve for key, way in known.items() if way.panel == name for curve in _curves(key, way)),
            zero=False,
        )
        for name, title in PANELS.items()
    )
    return Figure(
        name="rounds",
        title="Polarisation against rounds",
        caption=(
            "A target starts as cold as its bath, polarisation 0.5, and is compressed round by round; dotted lines are "
            "the limits. Swaps with the bath would leave it at 0.5, and so does sorting two qubits. Two qubits reach "
            "0.8, what otherwise takes three, if relaxation acts on both at once (c). In (b) one qubit is renewed per "
            "round, in (a) two."
        ),
        abscissa="round",
        column="round",
        panels=(panels,),
        level=True,
        comparisons=_compared(known),
        measures=ROUNDS.measures,
    )


def approach(context: Context) -> Figure:
    """Distance to the limit, on a logarithmic axis."""
    panels = tuple(
        Panel(
            name=f"approach-{name}",
            title=title,
            label="limit - polarisation",
            column="limit - polarisation",
            curves=tuple(
                Curve(name=f"approach-{key}", label=way.label, x=ROUND, y=way.limit - way.values, pen=way.pen,
                      dots=True)
                for key, way in ways().items()
                if way.panel == name and key != "ppa-2"
            ),
            logarithmic=True,
        )
        for name, title in PANELS.items()
    )  # fmt: skip
    return Figure(
        name="approach",
        title="Closest approach to the limits",
        caption=(
            "What is missing to the limit after each round. Compression (a) leaves (1 - eps^2)/2 = 0.375 of it in each "
            "round, joint relaxation (c) one half whatever the bath; sorting three qubits (b) makes no progress in "
            "every other round, which prepares the next one. No finite number of rounds reaches a limit."
        ),
        abscissa="round",
        column="round",
        panels=(panels,),
        level=True,
    )


def _curves(key: str, way: Way) -> tuple[Curve, ...]:
    """The rounds, joined to no line, and the limit."""
    rounds = Curve(name=key, label=way.label, x=ROUND, y=way.values, pen=way.pen, dots=True)
    level = np.full(LAST + 1, way.limit)
    return rounds, Curve(name=f"limit-{key}", label="", x=ROUND, y=level, pen=way.pen, faint=True)


def _compared(known: Mapping[str, Way]) -> tuple[Comparison, ...]:
    found = []
    for way in known.values():
        names = [f"round {n + 1}" for n in range(len(way.printed) - 1)]
        for name, ours, printed in zip([*names, "limit"], [*way.values[1 : len(way.printed)], way.limit], way.printed,
                                       strict=True):  # fmt: skip
            quantity = f"{PANELS[way.panel]}, {way.label}: {name}"
            found.append(Comparison(quantity=quantity, ours=float(ours), reference=printed, source=REFERENCE))
    return tuple(found)


def _measures() -> tuple[Measure, ...]:
    """The target round by round, and in arm `none`, which swaps instead of compressing."""
    found = []
    for way in ways().values():
        for arm in ("main", "none") if way.panel == "hbac" else ("main",):
            found.append(
                Measure(
                    panel=way.panel,
                    observable="polarisation",
                    subject="target",
                    experiment=way.experiment,
                    pen=way.pen if arm == "main" else UNCORRELATED,
                    label=way.label if arm == "main" else "swaps alone",
                    axis="rounds",
                    arm=arm,
                )
            )
    return tuple(found)


ROUNDS = Offer(make=rounds, measures=_measures())
APPROACH = Offer(make=approach, measures=())
