"""Limits of the methods against the polarisation of the bath, and how much of the distance a round leaves."""

from __future__ import annotations

import numpy as np

from reproduce.drawing import ANOMALOUS, SECOND, THIRD, UNCORRELATED, Context, Curve, Figure, Offer, Panel
from reproduce.rodriguez_briones import model

BATH = np.linspace(0.005, 0.995, 199)
"""eps."""


def limits(context: Context) -> Figure:
    """Polarisation after infinitely many rounds."""
    lines = (
        ("swaps", "swaps, or two qubits sorted", model.limit("ppa", BATH, 2), UNCORRELATED),
        ("three", "(a), three sorted, or (c)", model.limit("hbac", BATH), ANOMALOUS),
        ("four", "four qubits sorted", model.limit("ppa", BATH, 4), SECOND),
    )
    factors = (
        ("left-hbac", "(a) compression", (1 - BATH**2) / 2, ANOMALOUS),
        ("left-joint", "(c) joint relaxation", np.full(len(BATH), 0.5), THIRD),
    )
    panels = tuple(
        Panel(
            name=name,
            title=title,
            label=label,
            column=column,
            curves=tuple(Curve(name=n, label=said, x=BATH, y=y, pen=pen) for n, said, y, pen in drawn),
        )
        for name, title, label, column, drawn in (
            ("limit", "limits", "polarisation of the target", "polarisation", lines),
            ("left", "what one round leaves", "share of the distance", "share", factors),
        )
    )
    return Figure(
        name="limits",
        title="Limits against the polarisation of the bath",
        caption=(
            "Left: the coldest that each method makes a target. Compression with two fresh qubits, sorting three "
            "qubits, and joint relaxation of only two have the same limit, 2 eps/(1 + eps^2): half the temperature of "
            "the bath; four sorted qubits reach a quarter of it. Right: how much of the distance to the limit is left "
            "after a round, which is less for (a) where the bath is cold."
        ),
        abscissa="polarisation of the bath, eps",
        column="polarisation of the bath",
        panels=(panels,),
        notes=("tanh 2 xi = 2 eps/(1 + eps^2) with xi = artanh eps: the three limits are one function.",),
    )


LIMITS = Offer(make=limits, measures=())
