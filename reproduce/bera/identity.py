"""The Clausius sum against the change of mutual information: a line, and the gap above it."""

from __future__ import annotations

import numpy as np

from reproduce.bera.cases import CASES, DRAWN, MODEL, rows
from reproduce.drawing import ANOMALOUS, FORWARD, UNCORRELATED, Context, Curve, Figure, Panel


def identity(context: Context) -> Figure:
    """The Clausius sum against Delta I."""
    least = min(float(rows(name)["mutual_information_change AB"].min()) for name in DRAWN)
    most = max(float(rows(name)["mutual_information_change AB"].max()) for name in DRAWN)
    ends = np.array([least, most])
    curves = [Curve(name="no-gap", label="no gap", x=ends, y=ends, pen=UNCORRELATED, faint=True)]
    for name, pen in zip(DRAWN, (ANOMALOUS, FORWARD), strict=True):
        found = {row: values[::4] for row, values in rows(name).items()}
        # as marks: the path turns back, and a line is drawn from left to right
        path = found["mutual_information_change AB"], found["clausius_sum AB"]
        label = CASES[name].title.rpartition(", ")[2]
        curves.append(Curve(name=name, label=label, x=path[0], y=path[1], pen=pen, dots=True))
    panel = Panel(
        name="identity",
        title="T_A = 0.7, T_B = 1.4",
        label="Clausius sum [nat]",
        column="clausius_sum [nat]",
        curves=tuple(curves),
    )
    return Figure(
        name="identity",
        title="The gap is what the qubits are away from equilibrium",
        caption=(
            "Clausius sum against the change of mutual information, angle by angle over a period. "
            "On the dotted line both are equal; the distance above it is both relative entropies, never negative."
        ),
        abscissa="change of mutual information [nat]",
        column="mutual_information_change [nat]",
        panels=((panel,),),
        inferred=(MODEL,),
    )
