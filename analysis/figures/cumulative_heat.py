"""Heat that has left each bath, cycle by cycle: of the machine, of its control, and the exact prediction."""

from __future__ import annotations

import typing

from analysis.figures.series import Quantity, draw_quantities

if typing.TYPE_CHECKING:
    from matplotlib.figure import Figure

    from analysis.result import Analysis


def cumulative_heat(analysis: Analysis) -> Figure | None:
    """A panel for each bath, in the manner of Fig. 6 of Holdsworth and Kawai; None where no baths drive cycles."""
    system = (*analysis.record.start["qubits"], analysis.record.system)
    baths = [o.subject for o in analysis.own if o.name == "cumulative_heat" and o.subject not in system]
    panels = [Quantity(label=f"heat from {b}", unit="gap", drawn=(("cumulative_heat", b),), zero=True) for b in baths]
    return draw_quantities(analysis, panels)
