"""Energies of the qubits and of ancillas, what each side gained since its reference, and what left each bath."""

from __future__ import annotations

import typing

from analysis.figures.series import Quantity, draw_quantities

if typing.TYPE_CHECKING:
    from matplotlib.figure import Figure

    from analysis.result import Analysis
    from protocols import Observable


def energies(analysis: Analysis) -> Figure | None:
    """Energies and what was gained along the sweep; None where no energy was read."""
    qubits = analysis.record.start["qubits"]
    subjects = [o.subject for o in analysis.observables if o.name == "energy"]
    gaining = analysis.sides or qubits
    gains = tuple((analysis.estimates.gain_of(s), s) for s in gaining)
    gained = "heat gained" if all(name == "heat" for name, _ in gains) else "energy gained"
    unit = analysis.energy_unit
    limits = tuple(o.key for o in analysis.own if limits_an_energy(o))
    return draw_quantities(
        analysis,
        (
            Quantity(label="energy", unit=unit, drawn=tuple(("energy", s) for s in subjects), limits=limits),
            Quantity(label=gained, unit=unit, drawn=gains, zero=True),
        ),
    )


def limits_an_energy(observable: Observable) -> bool:
    """Whether theory gives an energy that a measured one is compared with: "thermal_energy", by its name.

    Args:
        observable: One of the protocol.
    """
    return observable.theory and observable.name.endswith("_energy")


def cumulative_heat(analysis: Analysis) -> Figure | None:
    """A panel for each bath, in the manner of Fig. 6 of Holdsworth and Kawai; None where no baths drive cycles."""
    system = (*analysis.record.start["qubits"], analysis.record.system)
    baths = [o.subject for o in analysis.own if o.name == "cumulative_heat" and o.subject not in system]
    panels = [Quantity(label=f"heat from {b}", unit="gap", drawn=(("cumulative_heat", b),), zero=True) for b in baths]
    return draw_quantities(analysis, panels)
