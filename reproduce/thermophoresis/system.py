"""What all figures of the particle share."""

from __future__ import annotations

import typing
from collections.abc import Sequence

import numpy as np

from analysis.figures import Pen
from protocols import Array
from protocols.thermophoresis import Thermophoresis
from reproduce.drawing import REFERENCE, UNCORRELATED, Comparison, Curve, Measure
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


def compared(lines: Sequence[tuple[str, typing.SupportsFloat, str]]) -> tuple[Comparison, ...]:
    """Numbers beside those that this project was founded on."""
    return tuple(Comparison(quantity=q, ours=float(v), reference=r, source=REFERENCE) for q, v, r in lines)


def level(name: str, label: str, y: float, x: Array, pen: Pen = UNCORRELATED) -> Curve:
    """A horizontal line."""
    return Curve(name=name, label=label, x=np.array([x[0], x[-1]], dtype=float), y=np.full(2, y), pen=pen, faint=True)


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
