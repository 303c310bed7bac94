"""Energies of the qubits and of ancillas, and the heat that each side gained since its reference."""

from __future__ import annotations

import typing

from analysis.figures.series import Quantity, draw_quantities

if typing.TYPE_CHECKING:
    from matplotlib.figure import Figure

    from analysis.result import Analysis


def energies(analysis: Analysis) -> Figure | None:
    """Energies and heat along the sweep; None where no energy was read."""
    qubits = analysis.record.start["qubits"]
    subjects = [o.subject for o in analysis.observables if o.name == "energy"]
    heated = analysis.sides or qubits
    return draw_quantities(
        analysis,
        (
            Quantity(label="energy", unit="gap", drawn=tuple(("energy", s) for s in subjects)),
            Quantity(label="heat gained", unit="gap", drawn=tuple(("heat", s) for s in heated), zero=True),
        ),
    )
