"""Mutual information, discord and concurrence along the sweep."""

from __future__ import annotations

import typing

from analysis.figures.series import Quantity, draw_quantities

if typing.TYPE_CHECKING:
    from matplotlib.figure import Figure

    from analysis.result import Analysis


def correlations(analysis: Analysis) -> Figure | None:
    """What the qubits know of each other, along the sweep; None where the settings determine no state."""
    qubits = analysis.record.start["qubits"]
    both = analysis.record.system
    if len(qubits) != 2:
        return None
    return draw_quantities(
        analysis,
        (
            Quantity(label="mutual information", unit="nat", drawn=(("mutual_information", both),), least=0),
            Quantity(label="discord", unit="nat", drawn=tuple(("discord", q) for q in qubits), least=0),
            Quantity(label="concurrence", unit="", drawn=(("concurrence", both),), least=0),
        ),
    )
