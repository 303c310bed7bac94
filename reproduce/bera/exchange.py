"""The books of heat and correlation against the angle of a partial swap, with coherence and without."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from analysis.figures import Pen
from reproduce.bera.cases import ANGLES, CASES, COUPLING, DRAWN, MODEL, compared, pair, rows
from reproduce.bera.identity import identity
from reproduce.drawing import ANOMALOUS, FORWARD, NORMAL, SECOND, Context, Curve, Figure, Measure, Offer, Panel


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A figure against the angle, a panel a case."""

    title: str
    caption: str
    label: str
    unit: str
    lines: tuple[tuple[str, str, Pen], ...]
    """Row, what the legend calls it, pen."""
    compared: tuple[str, ...]
    """Rows whose numbers are known."""
    inferred: tuple[str, ...] = ()


FIGURES = {
    "budget": Shown(
        title="What pays for the heat",
        caption="Clausius sum Q_A/T_A + Q_B/T_B of two qubits in a partial swap, and the two parts that it is made of. "
        "Where it is below zero, heat runs from the colder to the hotter qubit; the mutual information then falls by "
        "more than both relative entropies rise. Without coherence there is nothing to be consumed, and the sum is "
        "never negative.",
        label="entropy",
        unit="nat",
        lines=(
            ("clausius_sum AB", "Clausius sum", ANOMALOUS),
            ("mutual_information_change AB", "change of mutual information", FORWARD),
            ("divergence AB", "both relative entropies", NORMAL),
        ),
        compared=(
            "clausius_sum AB",
            "divergence AB",
            "mutual_information_change AB",
            "mutual_information AB at 0",
        ),
    ),
    "entropies": Shown(
        title="Conditional entropies",
        caption="What of the pair one qubit leaves open, S(B|A) = S_AB - S_A and S(A|B), during the partial swap. The "
        "entropy of the closed pair does not change, so that S(B|A) falls by what the entropy of A rises.",
        label="conditional entropy",
        unit="nat",
        lines=(
            ("conditional_entropy B|A", "S(B|A)", ANOMALOUS),
            ("conditional_entropy A|B", "S(A|B)", FORWARD),
        ),
        compared=("conditional_entropy B|A at 0", "conditional_entropy B|A"),
    ),
    "heat": Shown(
        title="Heat in two definitions",
        caption="Heat of the colder qubit A by its energy, and by the entropy of its bath B conditional on it. The "
        "second is T_B times the entropy that A gained; what the energy of A has beyond it, the first law has as work.",
        label="heat of A",
        unit="gap",
        lines=(
            ("heat A", "by its energy, Q_A", ANOMALOUS),
            ("conditional_entropy_heat A", "by conditional entropy, -T_B times the change of S(B|A)", SECOND),
        ),
        compared=("heat A",),
        inferred=(
            "That heat is -T times the change of conditional entropy, with T of the other qubit, is from memory.",
        ),
    ),
}


def against_angle(name: str, context: Context) -> Figure:
    """One of `FIGURES`.

    Args:
        name: Its key.
        context: Not needed: all is in closed form.
    """
    shown = FIGURES[name]
    panels = tuple(
        Panel(
            name=f"{name}-{case}",
            title=CASES[case].title,
            label=f"{shown.label} [{shown.unit}]",
            column=f"{shown.label} [{shown.unit}]",
            curves=tuple(
                Curve(name=_stem(case, row), label=label, x=ANGLES, y=rows(case)[row], pen=pen)
                for row, label, pen in shown.lines
            ),
        )
        for case in DRAWN
    )
    return Figure(
        name=name,
        title=shown.title,
        caption=shown.caption,
        abscissa="angle of the partial swap [rad]",
        column="angle [rad]",
        panels=(panels,),
        comparisons=tuple(compared(shown.compared)),
        measures=measures(name),
        inferred=(MODEL, *shown.inferred),
    )


def _stem(case: str, row: str) -> str:
    return f"{case}-{row}".replace(" ", "-").replace("_", "-").replace("|", "-given-")


def measures(name: str) -> tuple[Measure, ...]:
    """Rows of a run of heat-exchange with the state and the coupling of a case.

    Args:
        name: A key of `FIGURES`.
    """
    return tuple(
        Measure(
            panel=f"{name}-{case}",
            observable=row.partition(" ")[0],
            subject=row.partition(" ")[2],
            experiment=pair(CASES[case], np.array([0.0])),
            pen=pen,
            label=label,
            scale=COUPLING,
        )
        for case in DRAWN
        for row, label, pen in FIGURES[name].lines
    )


OFFERS = {
    **{name: Offer(make=partial(against_angle, name), measures=measures(name)) for name in FIGURES},
    "identity": Offer(make=identity, measures=()),
}
