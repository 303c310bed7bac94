"""Figures of an analysis, one concept a file: each a function Analysis -> Figure, or None where the data lack it."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping

from analysis.figures.captions import TITLES as TITLES
from analysis.figures.captions import caption as caption
from analysis.figures.captions import title as title
from analysis.figures.chain import sites as sites
from analysis.figures.copies import Judged as Judged
from analysis.figures.copies import chip as chip
from analysis.figures.copies import copies as copies
from analysis.figures.copies import judged as judged
from analysis.figures.correlations import correlations as correlations
from analysis.figures.energies import cumulative_heat as cumulative_heat
from analysis.figures.energies import energies as energies
from analysis.figures.fit import fit as fit
from analysis.figures.fluctuations import heat_statistics as heat_statistics
from analysis.figures.laws import budget as budget
from analysis.figures.laws import second_laws as second_laws
from analysis.figures.machine import machine as machine
from analysis.figures.panels import Panel as Panel
from analysis.figures.panels import Sweep as Sweep
from analysis.figures.panels import matched as matched
from analysis.figures.panels import pretty as pretty
from analysis.figures.panels import sweep as sweep
from analysis.figures.quantities import ELSEWHERE as ELSEWHERE
from analysis.figures.quantities import quantities as quantities
from analysis.figures.render import inline as inline
from analysis.figures.render import rendered as rendered
from analysis.figures.residuals import mitigated as mitigated
from analysis.figures.residuals import residuals as residuals
from analysis.figures.series import below as below
from analysis.figures.series import mark as mark
from analysis.figures.series import meanings as meanings
from analysis.figures.states import states as states
from analysis.figures.style import BLUE as BLUE
from analysis.figures.style import DOUBLE as DOUBLE
from analysis.figures.style import GREEN as GREEN
from analysis.figures.style import GREYS as GREYS
from analysis.figures.style import ORANGE as ORANGE
from analysis.figures.style import PURPLE as PURPLE
from analysis.figures.style import SERIES as SERIES
from analysis.figures.style import SMALL as SMALL
from analysis.figures.style import VERMILLION as VERMILLION
from analysis.figures.style import Pen as Pen
from analysis.figures.style import limited as limited
from analysis.figures.trade_off import trade_off as trade_off

if typing.TYPE_CHECKING:
    from matplotlib.figure import Figure

    from analysis.result import Analysis

FIGURES: Mapping[str, Callable[[Analysis], Figure | None]] = {
    "machine": machine,
    "energies": energies,
    "sites": sites,
    "mitigated": mitigated,
    "copies": copies,
    "chip": chip,
    "fit": fit,
    "cumulative_heat": cumulative_heat,
    "quantities": quantities,
    "second_laws": second_laws,
    "heat_statistics": heat_statistics,
    "correlations": correlations,
    "trade_off": trade_off,
    "budget": budget,
    "residuals": residuals,
    "states": states,
}
"""In the order of the report."""
