"""Energies of the qubits and of ancillas, and what each side gained since its reference."""

from __future__ import annotations

import typing

from analysis.figures.series import Quantity, draw_quantities

if typing.TYPE_CHECKING:
    from matplotlib.figure import Figure

    from analysis.result import Analysis


def energies(analysis: Analysis) -> Figure | None:
    """Energies and what was gained along the sweep; None where no energy was read."""
    qubits = analysis.record.start["qubits"]
    subjects = [o.subject for o in analysis.observables if o.name == "energy"]
    gaining = analysis.sides or qubits
    gains = tuple((analysis.estimates.gain_of(s), s) for s in gaining)
    gained = "heat gained" if all(name == "heat" for name, _ in gains) else "energy gained"
    unit = analysis.energy_unit
    return draw_quantities(
        analysis,
        (
            Quantity(label="energy", unit=unit, drawn=tuple(("energy", s) for s in subjects)),
            Quantity(label=gained, unit=unit, drawn=gains, zero=True),
        ),
    )
