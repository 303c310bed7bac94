"""What all figures of the particle share."""

from __future__ import annotations

import numpy as np

from analysis.figures import Pen
from protocols import Array
from protocols.thermophoresis import Thermophoresis
from reproduce.drawing import Measure
from theory.thermophoresis import Particle, after_rounds

T_L, T_R = 2.0, 0.8
"""Of the protocol's defaults [gap/k_B]."""
FULL = np.pi / 2
HALVES: Array = np.array([0.5, 0.0, 0.5])
"""Half at L and half at R."""
OWN = "Model and numbers are this suite's own; the paper's could not be read."


def displacement(particle: Particle, rounds: int, angle: float = FULL, start: Array = HALVES) -> Array:
    """<x>/x_0 after 0, 1, .. rounds, (rounds + 1,)."""
    found = after_rounds(particle, angle, start, rounds)
    return found[:, 2] - found[:, 0]


def measure(panel: str, quantity: str, subject: str, experiment: Thermophoresis, pen: Pen, axis: str, **more: object):
    """Of the particle or a bath, along a parameter."""
    return Measure(
        panel=panel,
        observable=quantity,
        subject=subject,
        experiment=experiment,
        pen=pen,
        axis=axis,
        label=f"{quantity} {subject}",
        **more,  # pyright: ignore[reportArgumentType]
    )
