"""Many collisions of a pair: the dark state, and what other correlations do."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from protocols.coherence_reversal import CoherenceReversal
from reproduce.drawing import (
    ANOMALOUS,
    COLD,
    SECOND,
    THIRD,
    UNCORRELATED,
    Context,
    Curve,
    Figure,
    Measure,
    Offer,
    Panel,
    compared,
    level,
)
from reproduce.latune.system import MOST, P_B, T_B, T_S, P
from theory import ensembles
from theory.ensembles import Ladders

WEAK, MANY = 0.6, 20
"""Angle of the repeated stars [rad], and how many."""
STARTS = {"none": (0.0, UNCORRELATED), "most": (1.0, ANOMALOUS), "dark": (-1.0, COLD)}
NAMES = {"none": "no coherence", "most": "most coherence", "dark": "dark"}


def dark_state(context: Context) -> Figure:
    """Cumulative heat over repeated stars, which do not thermalise."""
    number = np.arange(MANY + 1)
    curves = []
    for name, (fraction, pen) in STARTS.items():
        ladders = [Ladders.thermal(P, 2, fraction * MOST)]
        for _ in number[1:]:
            ladders.append(ladders[-1].star(T_B, WEAK))
        heat = np.array([one.energy for one in ladders]) - ladders[0].energy
        curves.append(Curve(name=name, label=NAMES[name], x=number, y=heat, pen=pen, dots=True))
        rest = ladders[0].at_rest(T_B).energy - ladders[0].energy
        curves.append(level(f"{name}-at-rest", "", rest, number, pen))
    start = 2 * P
    curves.append(level("thermal", "what a pair thermal at T_B has taken", 2 * P_B - start, number, SECOND))
    panel = Panel(
        name="stars",
        title="",
        label="heat into the pair so far [gap]",
        column="heat pair [gap]",
        curves=tuple(curves),
    )
    caption = (
        "Heat that a pair at 1 has taken after so many stars with fresh qubits at 1.25. The singlet, which a "
        "collective contact cannot see, keeps its weight p(1-p) - C/2 for ever. So the pair comes to rest (dotted) at"
        " an energy that remembers its coherence, and not even without coherence is it that of a thermal pair at "
        "1.25."
    )
    return Figure(
        name="dark-state",
        title="Repeated stars do not thermalise",
        caption=caption,
        abscissa="number of stars",
        column="stars",
        panels=((panel,),),
        comparisons=compared([("E_0", start, "0.537883"), *_at_rest()]),
        measures=OFFERS["dark-state"].measures,
    )


def _at_rest() -> list[tuple[str, float, str]]:
    printed = {"none": "0.611690", "most": "0.516660", "dark": "0.706721"}
    rest = {name: Ladders.thermal(P, 2, fraction * MOST).at_rest(T_B) for name, (fraction, _) in STARTS.items()}
    return [(f"E at rest, {NAMES[name]}", one.energy, printed[name]) for name, one in rest.items()]


def correlations(context: Context) -> Figure:
    """Heat over repeated stars of pairs with no, classical, separable and entangled correlation."""
    kinds = {
        "none": (0.0, 0.0, UNCORRELATED),
        "classical": (0.0, MOST, THIRD),
        "separable": (MOST, 0.0, ANOMALOUS),
        "entangled": (P, -(P**2), SECOND),
    }
    number = np.arange(2 * MANY + 1)
    curves = []
    for name, (chi, k, pen) in kinds.items():
        made = ensembles.repeated(ensembles.pair(P, chi, k), T_B, 0.3, 2 * MANY, "star")
        heat = np.concatenate([[0.0], np.cumsum([one.heat for one in made])])
        curves.append(Curve(name=name, label=name, x=number, y=heat, pen=pen))
    hottest = float(ensembles.largest_temperature(T_S, 2 * P))
    panel = Panel(
        name="kinds",
        title="",
        label="heat into the pair so far [gap]",
        column="heat pair [gap]",
        curves=tuple(curves),
    )
    caption = (
        "Four pairs of spins that are all thermal at 1, in weak stars (angle 0.3) with a bath at 1.25. A classical "
        "correlation (excited together more often than by chance) has no coherence: its first collisions draw heat as"
        " if it were not there. A separable pair with discord heats the bath from the first one, an entangled pair "
        "most. In the end all three have given the same heat, for none has any weight in the singlet."
    )
    lines = (
        ("hottest bath, separable", ensembles.largest_temperature(T_S, 2 * MOST), "1.450432"),
        ("energy at rest of all three", Ladders.thermal(P, 2, MOST).at_rest(T_B).energy, "0.516660"),
    )
    return Figure(
        name="correlations",
        title="Classical against quantum correlations",
        caption=caption,
        abscissa="number of stars",
        column="stars",
        panels=((panel,),),
        comparisons=compared(lines),
        notes=(
            "Derived here: with thermal spins a correlation without discord has C = 0, a separable one |C| <= "
            f"2p(1-p), an entangled one |C| <= 2p, which heats baths up to {hottest:.6f}.",
            "Whether the paper divides correlations in this way could not be read.",
        ),
    )


def _of_stars(name: str, **more: object) -> Measure:
    """Heat of a pair that starts in one of three ways; without coherence the control arm of any run will do."""
    fraction, pen = STARTS[name]
    return Measure(
        panel="stars",
        observable="heat",
        subject="pair",
        experiment=CoherenceReversal(contact="star", angle=WEAK, coherence=fraction),
        pen=pen,
        label=NAMES[name],
        axis="collisions",
        **more,  # pyright: ignore[reportArgumentType]
    )


OFFERS: Mapping[str, Offer] = {
    "dark-state": Offer(
        make=dark_state,
        measures=(*(_of_stars(name) for name in STARTS), _of_stars("none", arm="none", free=("coherence",))),
    ),
    "correlations": Offer(make=correlations, measures=()),
}
