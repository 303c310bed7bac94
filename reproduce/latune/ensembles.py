"""More spins than two."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from protocols.coherence_reversal import CoherenceReversal
from protocols.spins import coherent
from reproduce.drawing import (
    ANOMALOUS,
    COLD,
    SECOND,
    THIRD,
    Context,
    Curve,
    Figure,
    Measure,
    Offer,
    Panel,
    compared,
)
from reproduce.latune.system import T_B, T_S, P
from theory import ensembles
from theory.ensembles import Ladders

ANGLES = {2: 0.845, 3: 0.924, 4: 0.846}
"""Of the cascade in which that many spins with all of their coherence heat the bath most."""
SIZES = np.arange(2, 31)


def spins(context: Context) -> Figure:
    """Q of a cascade against the fraction of the coherence, of two to four spins."""
    fraction = np.linspace(-1, 1, 81)
    found = {
        size: ensembles.cascade_heat(T_S, T_B, coherent.shared(np.array(P), fraction, size), angle, size=size)
        for size, angle in ANGLES.items()
    }
    pens = (ANOMALOUS, SECOND, THIRD)
    curves = tuple(
        Curve(name=f"spins-{size}", label=f"{size} spins, angle {ANGLES[size]}", x=fraction, y=y, pen=pen)
        for (size, y), pen in zip(found.items(), pens, strict=True)
    )
    panel = Panel(
        name="spins", title="", label="heat into the spins [gap]", column="heat spins [gap]", curves=curves
    )  # fmt: skip
    caption = (
        "More spins turn more heat: energy that N spins at 1 take from a bath at 1.25 in one cascade, each N at its "
        "best angle, against the coherence as a fraction of the most that positivity allows. To the left the most is "
        "1/(N-1) of that to the right."
    )
    x = P * (1 - P) ** 2 / 2
    three = [ensembles.cascade_heat(T_S, T_B, one, 0.3, size=3) for one in (x, 0.0)]
    lines = (
        ("three spins, half of the coherence, angle 0.3: Q", three[0], "-0.0038658"),
        ("three spins without coherence, angle 0.3: Q", three[1], "0.0098512"),
    )
    return Figure(
        name="spins",
        title="Two, three and four spins",
        caption=caption,
        abscissa="coherence / most",
        column="coherence fraction",
        panels=((panel,),),
        comparisons=compared(lines),
        measures=OFFERS["spins"].measures,
    )


def size(context: Context) -> Figure:
    """How hot a bath N spins heat under the master equation, and their first heat current per spin."""
    temperatures = {0.5: COLD, 1.0: ANOMALOUS, 2.0: THIRD}
    first, second = [], []
    for T, pen in temperatures.items():
        p = 1 / (1 + np.exp(1 / T))
        C = SIZES * (SIZES - 1) * coherent.shared(np.array(p), np.array(1.0), SIZES)  # pyright: ignore[reportArgumentType]
        # N (p_B - p) = C (1 - 2 p_B)
        p_B = (SIZES * p + C) / (SIZES + 2 * C)
        hottest = 1 / np.log((1 - p_B) / p_B)
        first.append(Curve(name=f"hottest-{T:g}", label=f"T_S = {T:g}", x=SIZES, y=hottest / T, pen=pen, dots=True))
        current = [
            Ladders.thermal(p, int(n), c / (n * (n - 1))).current(1.25 * T) / n for n, c in zip(SIZES, C, strict=True)
        ]
        second.append(
            Curve(name=f"current-{T:g}", label=f"T_S = {T:g}", x=SIZES, y=np.array(current), pen=pen, dots=True)
        )
    panels = (
        Panel(
            name="hottest", title="hottest bath that is heated", label="T_B / T_S", column="T_B/T_S",
            curves=tuple(first), zero=False,
        ),
        Panel(
            name="current", title="first current, bath at 1.25 T_S", label="heat into a spin / rate [gap]",
            column="dE/dt/(N rate) [gap]", curves=tuple(second),
        ),
    )  # fmt: skip
    caption = (
        "N thermal spins that share all the coherence that fits among their states of one excitation, in weak "
        "collective contact. There is a best number of spins, about one over the excited population: with more of "
        "them one excitation is a rare case. Left, the hottest bath that they heat, in their own temperature; right, "
        "the current into a spin at the start, negative where the bath is heated."
    )
    return Figure(
        name="size",
        title="Any number of spins",
        caption=caption,
        abscissa="number of spins N",
        column="spins",
        panels=(panels,),
        notes=("Coherence in other sectors than that of one excitation could do more; it is not considered here.",),
    )


def _of_spins(size: int) -> Measure:
    pens = {2: ANOMALOUS, 3: SECOND, 4: THIRD}
    return Measure(
        panel="spins",
        observable="heat",
        subject="pair" if size == 2 else "spins",
        experiment=CoherenceReversal(size=None if size == 2 else size, angle=ANGLES[size]),
        pen=pens[size],
        label=f"{size} spins",
        axis="coherence",
    )


OFFERS: Mapping[str, Offer] = {
    "spins": Offer(make=spins, measures=tuple(map(_of_spins, ANGLES))),
    "size": Offer(make=size, measures=()),
}
