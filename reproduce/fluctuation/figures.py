"""Distribution of the heat, quasiprobability, fluctuation averages and uncertainty against time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from analysis.figures import Pen
from protocols.heat_exchange import HeatExchange
from reproduce.drawing import (
    ANOMALOUS,
    COLD,
    COLD_CONTROL,
    HOT,
    HOT_CONTROL,
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
from reproduce.fluctuation.cases import OWN, ROWS, cases, sums, values

TIMES = np.linspace(0, 10 * np.pi, 161)
"""The period pi/Omega of all exchanges here [hbar/gap]."""
SCHEMES = {"two-point": UNCORRELATED, "margenau-hill": ANOMALOUS, "bayesian": SECOND}
AVERAGES = {"jarzynski-wojcik": UNCORRELATED, "classical-correlation": THIRD, "quantum": ANOMALOUS}
MOVES = {"01->01": COLD_CONTROL, "01->10": HOT, "10->01": COLD, "10->10": HOT_CONTROL}
SHOWN = ("half-way", "weaker")
"""Correlated exchanges that are drawn over a period: of two members, and of four."""


def distribution(context: Context) -> Figure:
    """P(+1) and P(-1) in three schemes."""
    panels = tuple(
        Panel(
            name=f"{case}-{'plus' if heat == '+1' else 'minus'}",
            title=_title(case),
            label=f"P(q = {heat})",
            column=f"heat_probability {heat}",
            curves=tuple(
                _curve(case, f"heat_probability {heat} {scheme}", scheme, pen) for scheme, pen in SCHEMES.items()
            ),
        )
        for case in SHOWN
        for heat in ("+1", "-1")
    )
    caption = (
        "Chance that A takes a quantum from B, or gives it one: by two readings of the energies, by Margenau and Hill, "
        "and by independent looks at the eigenstates of the pair. Their means differ: two readings destroy the "
        "coherence that drives the heat."
    )
    wanted = ("Q_A", "two readings: P(+1)", "two readings: P(-1)", "two readings: P(+1)/P(-1)")
    return _figure("distribution", "Heat as a distribution", caption, (panels[:2], panels[2:]), wanted)


def quasiprobability(context: Context) -> Figure:
    """Re q of the four values, of two exchanges."""
    panels = tuple(
        Panel(
            name=case,
            title=_title(case),
            label="Re q(i -> f)",
            column="quasiprobability",
            curves=tuple(_curve(case, f"quasiprobability {move}", move, pen) for move, pen in MOVES.items()),
        )
        for case in SHOWN
    )
    caption = (
        "Margenau-Hill quasiprobability of the levels of A and B before and after. Below zero no two readings in a row "
        "give it, and heat is beyond the semiclassical bound."
    )
    wanted = [name for name in ROWS if name.startswith("Re q")]
    return _figure("quasiprobability", "Quasiprobability of heat", caption, (panels,), wanted)


def averages(context: Context) -> Figure:
    """Three averages of e^{-sigma}."""
    panels = tuple(
        Panel(
            name=case,
            title=_title(case),
            label="average",
            column="fluctuation_average",
            curves=(
                Curve(name=f"{case}-one", label="1", x=TIMES, y=np.ones(len(TIMES)), pen=HOT_CONTROL, faint=True),
                *(_curve(case, f"fluctuation_average AB {scheme}", scheme, pen) for scheme, pen in AVERAGES.items()),
            ),
            zero=False,
        )
        for case in (*SHOWN, "coherent")
    )
    caption = (
        "What fluctuation theorems say is 1 (dotted): it is where the populations are thermal (Jarzynski and Wojcik), "
        "where all levels are prepared (classical correlation), and where the pair has full rank (quantum). The "
        "default pair has neither thermal populations nor full rank."
    )
    wanted = [name for name in ROWS if name.startswith("<e^")]
    return _figure("averages", "Fluctuation averages", caption, (panels,), wanted)


def uncertainty(context: Context) -> Figure:
    """Var/Q^2 beside its bounds, with and without correlation."""
    lines = (
        ("uncertainty_ratio AB", "Q^2/Var", ANOMALOUS),
        ("uncertainty_bound AB exchange", "most of an exchange, sinh^2 g(Sigma/2)", SECOND),
        ("uncertainty_bound AB steady-state", "most of a steady current, |Sigma|/2", THIRD),
    )
    panels = tuple(
        Panel(
            name=case,
            title=_title(case),
            label="Q^2/Var",
            column="Q^2/Var",
            curves=tuple(_curve(case, row, label, pen, power=-1) for row, label, pen in lines),
        )
        for case in ("half-way", "uncorrelated")
    )
    caption = (
        "How steady the heat is. Without correlation Q^2/Var is below the most of an exchange, and near a full swap "
        "slightly above |Sigma|/2, which is for steady currents; with it the correlation pays for steadier heat."
    )
    wanted = ("Var, Margenau-Hill", "Var, Bayesian", "Var/Q^2", "2/|Sigma|")
    return _figure("uncertainty", "Uncertainty of the heat", caption, (panels,), wanted)


def _figure(
    name: str, title: str, caption: str, panels: tuple[tuple[Panel, ...], ...], wanted: Sequence[str]
) -> Figure:
    return Figure(
        name=name,
        title=title,
        caption=caption,
        abscissa="time [hbar/gap]",
        column="time [hbar/gap]",
        panels=panels,
        comparisons=tuple(_compared(wanted)),
        notes=("Parameters and numbers are this project's own; no paper prints them.",),
        measures=OFFERS[name].measures,
    )


def _compared(wanted: Sequence[str]) -> list[Comparison]:
    found = []
    for case in cases().values():
        ours = values(case.experiment)
        for name, printed in zip(ROWS, case.printed.split(), strict=True):
            if name in wanted:
                number = float(ours[ROWS[name]][0])
                found.append(Comparison(quantity=f"{case.title}: {name}", ours=number, reference=printed, source=OWN))
        for name, number, printed in zip(SUMS, sums(case.experiment), case.second.split(), strict=True):
            if SUMS[name] in wanted:
                found.append(Comparison(quantity=f"{case.title}: {name}", ours=number, reference=printed, source=OWN))
    return found


SUMS = {"<q^2>, Margenau-Hill": "Var, Margenau-Hill", "beta.Q + I_0": "<e^-(sigma + I)>, quantum"}
"""Beside which number each stands."""


def _curve(case: str, row: str, label: str, pen: Pen, power: int = 1) -> Curve:
    """A row over a period, or its reciprocal."""
    name = f"{case}-{row}".replace(" ", "-").replace("_", "-").replace("->", "-to-").replace("+", "plus-")
    return Curve(name=name, label=label, x=TIMES, y=values(_over_a_period(case))[row] ** power, pen=pen)


@cache
def _over_a_period(case: str) -> HeatExchange:
    return replace(cases()[case].experiment, time=TIMES)


def _title(case: str) -> str:
    return cases()[case].title.partition(", t =")[0].partition(", Omega")[0]


def _measures() -> tuple[Measure, ...]:
    return tuple(
        Measure(
            panel=case,
            observable="quasiprobability",
            subject=move,
            experiment=cases()[case].experiment,
            pen=pen,
            label=move,
        )
        for case in SHOWN
        for move, pen in MOVES.items()
    )


OFFERS: Mapping[str, Offer] = {
    "distribution": Offer(make=distribution, measures=()),
    "quasiprobability": Offer(make=quasiprobability, measures=_measures()),
    "averages": Offer(make=averages, measures=()),
    "uncertainty": Offer(make=uncertainty, measures=()),
}
