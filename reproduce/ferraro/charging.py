"""E(t) and P(t) of cells in one cavity, with and without counter-rotating terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from analysis.figures import Pen
from protocols import Array
from reproduce.drawing import (
    ANOMALOUS,
    COLD,
    SECOND,
    THIRD,
    UNCORRELATED,
    Comparison,
    Context,
    Curve,
    Figure,
    Offer,
    Panel,
    compared,
)
from reproduce.ferraro.system import ADVANTAGE, OWN
from theory.batteries import Battery, Dicke, TavisCummings

TIMES = np.linspace(0, 2, 201)
"""g t, lambda t."""
SIZES = {1: UNCORRELATED, 2: SECOND, 3: THIRD, 6: ANOMALOUS}
STRENGTHS = {0.05: SECOND, 0.2: THIRD, 0.5: COLD}
CELLS, CUTOFF = 3, 60
"""Of the Dicke battery that is drawn."""


def charging(context: Context) -> Figure:
    """Energy and power per cell of N cells in one cavity with N photons."""
    lines = [
        (f"{N}-cells", "one cell a cavity (parallel)" if N == 1 else f"{N} cells together", TavisCummings(cells=N), pen)
        for N, pen in SIZES.items()
    ]
    caption = (
        "Stored energy and power per cell, N cells in one cavity that starts with N photons, against N cavities with "
        "one cell and one photon each (dashed grey). Together they are faster, though their first maximum is not the "
        "full charge: cells and cavity end up entangled. Energy only moves from the cavity to the cells."
    )
    return _figure(
        "charging", "Charging together", caption, lines, "g t", compared(_tavis_cummings()), notes=(ADVANTAGE, OWN)
    )


def dicke(context: Context) -> Figure:
    """The same of three cells with counter-rotating terms."""
    batteries = {x: Dicke(cells=CELLS, coupling=x, cutoff=CUTOFF) for x in STRENGTHS}
    lines: list[tuple[str, str, Battery, Pen]] = [
        ("exchange", "exchange alone (Tavis-Cummings)", TavisCummings(cells=CELLS), ANOMALOUS)
    ]
    lines += [(f"lambda-{x:g}", f"Dicke, coupling {x:g}", batteries[x], pen) for x, pen in STRENGTHS.items()]
    caption = (
        "Three cells and three photons with all terms of the coupling (Dicke), in units of the coupling. Weakly "
        "coupled, counter-rotating terms do nothing. Strongly coupled, they bring in energy of their own, which "
        "whoever switches the coupling on has to pay for: power in units of the coupling is then no measure of a "
        "charger alone."
    )
    leaked = max(one.leaked(TIMES / x) for x, one in batteries.items())
    notes = (f"Photons are kept up to {CUTOFF}; at most {leaked:.1e} of the weight reaches the last two.", OWN)
    found = [
        (
            f"coupling 0.05, N = {N}: P_max/coupling",
            Dicke(cells=N, coupling=0.05, cutoff=2 * N + 12).most_power().value / 0.05,
            r,
        )
        for N, r in ((1, "0.723086"), (2, "1.770503"), (3, "3.159031"))
    ]
    inferred = ("The couplings of the paper's figures, and its cut-offs.",)
    return _figure(
        "dicke",
        "With counter-rotating terms",
        caption,
        lines,
        "coupling x t",
        compared(found),
        notes=notes,
        inferred=inferred,
    )


def _figure(
    name: str,
    title: str,
    caption: str,
    lines: Sequence[tuple[str, str, Battery, Pen]],
    abscissa: str,
    comparisons: tuple[Comparison, ...],
    **more: object,
) -> Figure:
    def panel(kind: str, title: str, label: str) -> Panel:
        curves = tuple(
            Curve(name=f"{kind}-{stem}", label=said, x=TIMES, y=_values(kind, battery), pen=pen)
            for stem, said, battery, pen in lines
        )
        return Panel(name=kind, title=title, label=label, column=f"{kind} per cell", curves=curves)

    return Figure(
        name=name,
        title=title,
        caption=caption,
        abscissa=abscissa,
        column=abscissa,
        panels=((panel("energy", "stored energy", "E/N [gap]"), panel("power", "power", "E/(N t) [gap x coupling]")),),
        comparisons=comparisons,
        **more,  # pyright: ignore[reportArgumentType]
    )


def _values(kind: str, battery: Battery) -> Array:
    times = TIMES / battery.coupling
    if kind == "energy":
        return battery.stored(times) / battery.cells
    return battery.power(times) / battery.cells / battery.coupling


def _tavis_cummings() -> list[tuple[str, float, str]]:
    texts = ("1", "1.223650", "1.454641", "1.658379", "1.841111", "2.007883")
    batteries = [TavisCummings(cells=N) for N in range(1, 7)]
    found = [(f"N = {b.cells}: P_max/(N P_1)", b.advantage(), text) for b, text in zip(batteries, texts, strict=True)]
    slope = np.polyfit(np.log([3, 4, 5, 6]), np.log([v for _, v, _ in found[2:]]), 1)[0]
    found.append(("slope of ln advantage against ln N, N = 3 .. 6", slope, "0.465"))
    found.append(("N = 1: P_max/g", batteries[0].most_power().value, "0.724611"))
    for b, text in zip(batteries, ("1.165561", "0.763586", "0.618941"), strict=False):
        found.append((f"N = {b.cells}: time of P_max, g t", b.most_power().time, text))
    for b, text in zip(batteries, ("1", "0.888889", "0.86254"), strict=False):
        found.append((f"N = {b.cells}: first maximum of E/N", b.first_full().value / b.cells, text))
    return found


OFFERS: Mapping[str, Offer] = {
    "charging": Offer(make=charging, measures=()),
    "dicke": Offer(make=dicke, measures=()),
}
