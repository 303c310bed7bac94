"""Energies of both qubits, and the heat each gained since its reference."""

from __future__ import annotations

import typing

from analysis.figures._along import Quantity, draw

if typing.TYPE_CHECKING:
    from matplotlib.figure import Figure

    from analysis._analyse import Analysis


def energies(analysis: Analysis) -> Figure | None:
    """Energies and heat along the sweep; None where no energy was read."""
    qubits = analysis.record.start["qubits"]
    return draw(
        analysis,
        (
            Quantity(label="energy", unit="gap", drawn=tuple(("energy", q) for q in qubits)),
            Quantity(label="heat gained", unit="gap", drawn=tuple(("heat", q) for q in qubits), zero=True),
        ),
    )
