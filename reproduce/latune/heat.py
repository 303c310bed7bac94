"""One collision of a pair: heat against the coherence and against its phase."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from protocols import Array
from protocols.coherence_reversal import BEST, CoherenceReversal
from reproduce.drawing import (
    ANOMALOUS,
    SECOND,
    Context,
    Curve,
    Figure,
    Measure,
    Offer,
    Panel,
    compared,
    level,
)
from reproduce.latune.system import (
    CASCADE,
    FULL,
    MOST,
    P_B,
    T_B,
    T_S,
    THRESHOLD,
    TOO_HOT,
    C,
    P,
    of_coherence,
    of_pair,
    upright,
)  # fmt: skip
from theory import ensembles

PHASES = np.linspace(0, 2 * np.pi, 121)
WIDTH = (-0.05, 0.1)
"""Of the heats drawn [gap]."""


def heat(context: Context) -> Figure:
    """Q against C in a cascade and in a star."""
    panels = tuple(
        Panel(
            name=contact,
            title=f"{contact}, angle {angle:.3f}",
            label="heat into the pair [gap]",
            column="heat pair [gap]",
            curves=(
                Curve(name=contact, label=f"bath at {T_B:g}", x=C, y=of(T_B, C), pen=ANOMALOUS),
                Curve(name=f"{contact}-too-hot", label=f"bath at {TOO_HOT:g}", x=C, y=of(TOO_HOT, C), pen=SECOND),
                upright(f"{contact}-threshold", f"threshold, bath at {T_B:g}", threshold, WIDTH),
            ),
        )
        for contact, of, threshold, angle in (("cascade", _cascade, CASCADE, BEST), ("star", _star, THRESHOLD, FULL))
    )
    caption = (
        f"Energy that a pair at {T_S:g} takes from a hotter bath in one collision. Where the line is below zero the "
        "cold pair heats the bath. Right of the threshold (dotted) there is enough coherence for that; a bath at "
        f"{TOO_HOT:g} is too hot for any separable pair. Left, the dark pair takes more than one without coherence."
    )
    hot = 1 / (1 + np.exp(1 / T_B))
    lines = (
        ("p at T = 1", P, "0.268941"),
        ("p_B at T = 1.25", P_B, "0.310026"),
        ("largest |chi|", MOST, "0.196612"),
        ("threshold C*", THRESHOLD, "0.216261"),
        ("hottest bath that turns (star)", ensembles.largest_temperature(T_S, 2 * MOST), "1.450432"),
        ("cascade 0.3: Q without coherence", ensembles.cascade_heat(T_S, T_B, 0.0, 0.3), "0.0068626"),
        ("cascade 0.3: Q, most coherence", ensembles.cascade_heat(T_S, T_B, MOST, 0.3), "-0.0056025"),
        ("cascade 0.3: Q, dark", ensembles.cascade_heat(T_S, T_B, -MOST, 0.3), "0.0193277"),
        ("best cascade angle", BEST, "0.955317"),
        ("best cascade: Q without coherence", ensembles.cascade_heat(T_S, T_B, 0.0, BEST), "0.0365192"),
        ("best cascade: Q, most coherence", ensembles.cascade_heat(T_S, T_B, MOST, BEST), "-0.0209868"),
        ("best cascade: Q, dark", ensembles.cascade_heat(T_S, T_B, -MOST, BEST), "0.0940252"),
        ("hot pair, T_S = 1.25, T_B = 1: Q", ensembles.cascade_heat(T_B, T_S, 0.0, BEST), "-0.0365192"),
        ("hot pair: Q, dark", ensembles.cascade_heat(T_B, T_S, -hot * (1 - hot), BEST), "0.0395766"),
        ("star at C*: Q", ensembles.star_heat(T_S, T_B, THRESHOLD, FULL), "0"),
        ("master equation at C*: dE/dt", ensembles.heat_current(ensembles.pair(P, THRESHOLD / 2), T_B), "0"),
    )
    return of_coherence(
        "heat", "Heat against coherence", caption, panels, comparisons=compared(lines), measures=OFFERS["heat"].measures
    )


def phase(context: Context) -> Figure:
    """Q against the phase of chi."""
    x = np.full(len(PHASES), MOST)
    panel = Panel(
        name="phase",
        title="",
        label="heat into the pair [gap]",
        column="heat pair [gap]",
        curves=(
            Curve(
                name="most",
                label="all of the coherence",
                x=PHASES,
                y=ensembles.cascade_heat(T_S, T_B, x, BEST, PHASES),
                pen=ANOMALOUS,
            ),
            Curve(
                name="half", label="half of it", x=PHASES, y=ensembles.cascade_heat(T_S, T_B, x / 2, BEST, PHASES),
                pen=SECOND,
            ),
            level("none", "none", float(ensembles.cascade_heat(T_S, T_B, 0.0, BEST)), PHASES),
        ),
    )  # fmt: skip
    caption = (
        "Heat of one cascade against the phase a of the coherence chi = |chi| e^{ia}: a cosine about the heat without "
        "coherence. Only the real part counts: at a quarter turn the pair is as if it had none, although it has as "
        "much. Strength and phase together set direction and size."
    )
    return Figure(
        name="phase",
        title="Heat against the phase of the coherence",
        caption=caption,
        abscissa="phase of chi [rad]",
        column="phase [rad]",
        panels=((panel,),),
        notes=("arXiv:2601.00198 reports that strength and phase set direction and size; its curve was not read.",),
        measures=OFFERS["phase"].measures,
    )


def _cascade(bath: float, coherence: Array) -> Array:
    return ensembles.cascade_heat(T_S, bath, coherence / 2, BEST)


def _star(bath: float, coherence: Array) -> Array:
    return ensembles.star_heat(T_S, bath, coherence, FULL)


OFFERS: Mapping[str, Offer] = {
    "heat": Offer(
        make=heat,
        measures=(
            of_pair("cascade", "heat", CoherenceReversal(), "heat, cascade"),
            of_pair("star", "heat", CoherenceReversal(contact="star", angle=FULL), "heat, star"),
        ),
    ),
    "phase": Offer(
        make=phase,
        measures=(
            Measure(
                panel="phase",
                observable="heat",
                subject="pair",
                experiment=CoherenceReversal(),
                pen=ANOMALOUS,
                label="all of the coherence",
                axis="coherence_phase",
            ),
        ),
    ),
}
