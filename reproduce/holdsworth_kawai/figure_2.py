"""Fig. 2 of Holdsworth and Kawai: closed evolution at three temperature settings."""

from __future__ import annotations

import math

import numpy as np

from protocols.quantities import concurrence, entanglement_of_formation, mutual_information, negativity
from reproduce.drawing import REFERENCE, Comparison, Context, Figure, Offer, Panel
from reproduce.holdsworth_kawai import figure_1
from reproduce.pairs import closed

SETTINGS = ((2.0, 1.0), (1.5, 1.5), (1.0, 2.0))
"""T_A and T_B."""
TABLE = {
    (2.0, 1.0): (".108599", ".637295", ".646482", "7.010056", ".595453", ".859057", ".187631", ".513903", ".268941"),
    (1.5, 1.5): ("0", ".678487", ".678487", "7.853982", ".653061", ".942167", ".214649", ".564780", ".339244"),
    (1.0, 2.0): ("-.108599", ".637295", ".646482", "8.697908", ".595453", ".859057", ".187631", ".513903", ".377541"),
}
"""D0, C0, largest SED and its time, I0 in nat and bit, negativity, entanglement of formation, most heat into A."""
LAMBDAS = {
    (2.0, 1.0): (".455054", ".167405", ".276004", ".101536"),
    (1.5, 1.5): (".436599", ".224157", ".224157", ".115086"),
    (1.0, 2.0): (".455054", ".276004", ".167405", ".101536"),
}
NAMES = (
    "SED at time 0",
    "concurrence at time 0",
    "largest SED",
    "time of the largest SED",
    "mutual information at time 0 [nat]",
    "mutual information at time 0 [bit]",
    "negativity at time 0",
    "entanglement of formation at time 0 [ebit]",
    "largest heat into A",
)


def make(context: Context) -> Figure:
    """The figure and its numbers."""
    peaks = [closed.extremum(closed.holdsworth(*T), "energy_difference", "maximum", "AB")[0] for T in SETTINGS]
    times = figure_1.grid(*peaks)
    rows = tuple(
        tuple(
            Panel(
                name=_place(name, T),
                title=_title(T) if row == 0 else "",
                label=label,
                column=column,
                curves=figure_1.curves(name, times, *T, stem=f"{_stem(T)}-"),
            )
            for T in SETTINGS
        )
        for row, (name, (_, label, column)) in enumerate(figure_1.OBSERVABLES.items())
    )
    return Figure(
        name="2",
        title="Three temperature settings",
        caption="As Fig. 1 for T_A > T_B, T_A = T_B and T_A < T_B. At delta = -pi/2 energy goes to A and at +pi/2 to "
        "B, "
        "whichever is the hotter; with T_A < T_B the largest SED comes later.",
        abscissa="time [hbar/gap]",
        column="time [hbar/gap]",
        panels=rows,
        comparisons=tuple(c for T in SETTINGS for c in _compared(T)),
        printed=_printed(),
        inferred=("Which phases and times the figure shows is inferred; both signs of delta and delta = 0 are drawn.",),
        measures=MEASURES,
    )


def _compared(T: tuple[float, float]) -> list[Comparison]:
    experiment = closed.holdsworth(*T)
    rho = closed.initial(experiment)
    at, height = closed.extremum(experiment, "energy_difference", "maximum", "AB")
    known = float(mutual_information(rho))
    values = (
        float(closed.energy_difference(rho)),
        float(concurrence(rho)),
        height,
        at,
        known,
        known / math.log(2),
        float(negativity(rho)),
        float(entanglement_of_formation(rho)),
        closed.extremum(experiment, "heat", "maximum", "A")[1],
    )
    thermal = np.real(np.diag(closed.initial(closed.holdsworth(*T, delta=None))))
    lines = [
        (f"lambda_{i + 1}", float(value), printed)
        for i, (value, printed) in enumerate(zip(thermal, LAMBDAS[T], strict=True))
    ]
    lines += list(zip(NAMES, values, TABLE[T], strict=True))
    return [Comparison(quantity=f"{_title(T)}: {q}", ours=v, reference=r, source=REFERENCE) for q, v, r in lines]


def _printed() -> tuple[str, ...]:
    rho = closed.initial(closed.holdsworth(1.0, 2.0))
    D0, C0 = float(closed.energy_difference(rho)), float(concurrence(rho))
    printed = math.atan2(C0, abs(D0)) / (2 * figure_1.OMEGA)
    right, _ = closed.extremum(closed.holdsworth(1.0, 2.0), "energy_difference", "maximum", "AB")
    return (
        f"tau = |theta|/(2 Omega) = {printed:.6f} is the first maximum of the SED only for T_A >= T_B; for T_A = 1, "
        f"T_B = 2 it is at (pi - |theta|)/(2 Omega) = {right:.6f}, and for equal temperatures at pi/(4 Omega).",
    )


def _title(T: tuple[float, float]) -> str:
    return f"T_A = {T[0]:g}, T_B = {T[1]:g}"


def _stem(T: tuple[float, float]) -> str:
    return f"T_A-{T[0]:g}-T_B-{T[1]:g}".replace(".", "p")


def _place(panel: str, T: tuple[float, float]) -> str:
    return f"{_stem(T)}-{panel}"


MEASURES = tuple(
    m for panel in figure_1.OBSERVABLES for T in SETTINGS for m in figure_1.measures(panel, *T, _place(panel, T))
)
OFFER = Offer(make=make, measures=MEASURES)
