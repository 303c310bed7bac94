"""The pair and its bath, chosen here, and what all figures of it share."""

from __future__ import annotations

import math

import numpy as np

from analysis.figures import Pen
from protocols.coherence_reversal import BEST, CoherenceReversal
from protocols.quantities import excited_population
from reproduce.drawing import ANOMALOUS, UNCORRELATED, Curve, Figure, Measure, Panel

T_S, T_B = 1.0, 1.25
"""Of each spin and of the bath [gap/k_B]: a cold pair."""
TOO_HOT = 1.6
"""Of a bath that no separable pair at T_S heats."""
P, P_B = float(excited_population(T_S)), float(excited_population(T_B))
MOST = P * (1 - P)
"""The largest |chi|."""
THRESHOLD = 2 * (P_B - P) / (1 - 2 * P_B)
"""C* of star and master equation; a cascade has (1 + cos^2)/(2 cos) of it."""
CASCADE = (1 + math.cos(BEST) ** 2) / (2 * math.cos(BEST)) * THRESHOLD
FULL = math.pi / math.sqrt(8)
"""The angle of a star that exchanges most."""
C = np.linspace(-2 * MOST, 2 * MOST, 81)


def upright(name: str, label: str, x: float, between: tuple[float, float], pen: Pen = UNCORRELATED) -> Curve:
    """A vertical line."""
    return Curve(name=name, label=label, x=np.full(2, x), y=np.array(between), pen=pen, faint=True)


def of_coherence(name: str, title: str, caption: str, panels: tuple[Panel, ...], **more: object) -> Figure:
    """A figure against C."""
    return Figure(
        name=name,
        title=title,
        caption=caption,
        abscissa="coherence C = <XX + YY>/2 of the pair",
        column="coherence",
        panels=(panels,),
        notes=(f"Chosen here: T_S = {T_S:g}, T_B = {T_B:g}; the pair is separable throughout.",),
        **more,  # pyright: ignore[reportArgumentType]
    )


def of_pair(panel: str, quantity: str, experiment: CoherenceReversal, label: str) -> Measure:
    """Of the pair, against C."""
    return Measure(
        panel=panel,
        observable=quantity,
        subject="pair",
        experiment=experiment,
        pen=ANOMALOUS,
        label=label,
        axis="coherence",
        scale=2 * MOST,
    )
