"""Why heat turns, and why the arrow of time does not: apparent temperature and entropy production."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from protocols.coherence_reversal import BEST, CoherenceReversal
from reproduce.drawing import (
    ANOMALOUS,
    COLD,
    SECOND,
    THIRD,
    UNCORRELATED,
    Context,
    Curve,
    Figure,
    Offer,
    Panel,
    compared,
    level,
)
from reproduce.latune.system import (
    CASCADE,
    MOST,
    T_B,
    T_S,
    THRESHOLD,
    C,
    P,
    of_coherence,
    of_pair,
    upright,
)  # fmt: skip
from theory import ensembles


def apparent_temperature(context: Context) -> Figure:
    """T_app against C."""
    pairs = [ensembles.pair(P, c / 2) for c in C]
    curve = Curve(
        name="apparent",
        label="apparent temperature",
        x=C,
        y=np.array([ensembles.apparent_temperature(one) for one in pairs]),
        pen=ANOMALOUS,
    )
    lines = (level("spins", "each spin, T_S", T_S, C, COLD), level("bath", "bath, T_B", T_B, C, SECOND))
    threshold = upright("threshold", "threshold C*", THRESHOLD, (0.5, 1.45))
    panel = Panel(
        name="apparent",
        title="",
        label="apparent temperature [gap/k_B]",
        column="apparent_temperature [gap/k_B]",
        curves=(curve, *lines, threshold),
        zero=False,
    )
    caption = (
        "How hot the pair looks to a bath that couples to both spins alike. Each spin by itself stays at T_S. Where "
        "the pair looks hotter than the bath, heat flows to the bath: both curves cross at the threshold."
    )
    at = [("-chi_max", -MOST, "0.5"), ("0", 0, "1"), ("C*/2", THRESHOLD / 2, "1.25"), ("chi_max", MOST, "1.450432")]
    found = [(f"T_app at chi = {n}", ensembles.apparent_temperature(ensembles.pair(P, x)), r) for n, x, r in at]
    return of_coherence(
        "apparent-temperature",
        "Apparent temperature",
        caption,
        (panel,),
        comparisons=compared(found),
        measures=OFFERS["apparent-temperature"].measures,
    )


def entropy_production(context: Context) -> Figure:
    """Sigma beside the heat."""
    made = [ensembles.collide(ensembles.pair(P, c / 2), T_B, BEST) for c in C]
    produced = np.array([one.entropy_production for one in made])
    given = np.array([one.heat for one in made])
    curves = (
        Curve(name="production", label="entropy production [nat]", x=C, y=produced, pen=ANOMALOUS),
        Curve(name="heat", label="heat into the pair / T_B", x=C, y=given / T_B, pen=COLD),
        Curve(name="change", label="entropy that the pair gains [nat]", x=C, y=produced + given / T_B, pen=THIRD),
        upright("threshold", "threshold of the cascade", CASCADE, (-0.05, 0.25), UNCORRELATED),
    )
    panel = Panel(name="entropy", title="", label="entropy [nat]", column="entropy [nat]", curves=curves)
    caption = (
        "The arrow of time stays: entropy production, what the pair gains less Q/T_B, is nowhere negative, also right"
        " of the threshold, where heat flows from the cold pair to the hot bath. There the pair pays with its "
        "coherence, whose loss is a gain of entropy."
    )
    at_0_3 = ensembles.collide(ensembles.pair(P, MOST), T_B, 0.3)
    lines = [("entropy production of one cascade, angle 0.3, most coherence", at_0_3.entropy_production, "0.02184")]
    return of_coherence(
        "entropy-production",
        "Entropy production",
        caption,
        (panel,),
        comparisons=compared(lines),
        measures=OFFERS["entropy-production"].measures,
    )


OFFERS: Mapping[str, Offer] = {
    "apparent-temperature": Offer(
        make=apparent_temperature,
        measures=(of_pair("apparent", "apparent_temperature", CoherenceReversal(angle=0.0), "before a collision"),),
    ),
    "entropy-production": Offer(
        make=entropy_production,
        measures=(of_pair("entropy", "entropy_production", CoherenceReversal(), "entropy production"),),
    ),
}
