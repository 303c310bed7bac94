"""The statistics of heat: numbers of this project, which no paper prints."""

from __future__ import annotations

from reproduce.drawing import Paper
from reproduce.fluctuation.figures import OFFERS

PAPER = Paper(
    name="fluctuation",
    title="Heat as a distribution",
    source="this project: docs/heat-statistics.md",
    offers=OFFERS,
    remarks=(
        "No paper is redrawn here: parameters and numbers are this project's own, from two independent routes "
        "each, closed forms and matrices of the whole Hilbert space.",
        "That the bound of an exchange, 1/sinh^2 g(Sigma/2), is that of Timpanaro et al. is from memory.",
    ),
)
