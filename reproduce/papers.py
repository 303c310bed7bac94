"""The papers whose figures are redrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from protocols import RequestError
from reproduce.drawing.figure import Paper
from reproduce.fluctuation import figures as fluctuation
from reproduce.holdsworth_kawai import figure_1, figure_2, figure_4, figure_5, figure_6
from reproduce.micadei import figures as micadei
from reproduce.micadei.runs import UNVERIFIED

PAPERS: Mapping[str, Paper] = {
    "holdsworth-kawai": Paper(
        name="holdsworth-kawai",
        title="Heat pump driven entirely by quantum correlation",
        source="T. Holdsworth and R. Kawai, Phys. Rev. A 106, 062604 (2022), arXiv:2208.07440",
        offers={
            "1": figure_1.OFFER,
            "2": figure_2.OFFER,
            "4": figure_4.OFFER,
            "5": figure_5.OFFER,
            "6": figure_6.OFFER,
        },
        remarks=(
            "The reference computation: numbers, from two or more independent routes each, that this project was "
            "founded on. The paper's figures come without data; of its text the efficiency 0.186 is compared.",
            "All figures with baths (4, 5, 6) rest on an inferred cut-off, since the paper states none.",
        ),
    ),
    "micadei": Paper(
        name="micadei",
        title="Reversing the direction of heat flow using quantum correlations",
        source="K. Micadei et al., Nat. Commun. 10, 2456 (2019)",
        offers=micadei.OFFERS,
        remarks=(
            *UNVERIFIED,
            "Measured points of that experiment were not available; nothing here is compared with them.",
        ),
    ),
    "fluctuation": Paper(
        name="fluctuation",
        title="Heat as a distribution",
        source="this project: docs/heat-statistics.md",
        offers=fluctuation.OFFERS,
        remarks=(
            "No paper is redrawn here: parameters and numbers are this project's own, from two independent routes "
            "each, closed forms and matrices of the whole Hilbert space.",
            "That the bound of an exchange, 1/sinh^2 g(Sigma/2), is that of Timpanaro et al. is from memory.",
        ),
    ),
}


def paper(name: str) -> Paper:
    """A paper by its name.

    Raises:
        RequestError: For one that is not known.
    """
    if name not in PAPERS:
        raise RequestError(f"Argument `paper` must be one of {', '.join(PAPERS)}, but is {name!r}.")
    return PAPERS[name]


def chosen(known: Paper, figures: str | None) -> Sequence[str]:
    """Names of figures from a comma-separated list, in the paper's order; all if there is none.

    Args:
        known: The paper.
        figures: Names of figures, comma-separated; None for all.

    Raises:
        RequestError: For a figure that is not among those redrawn.

    Examples:
        >>> chosen(PAPERS["holdsworth-kawai"], "5,1")
        ['1', '5']
    """
    if figures is None:
        return list(known.offers)
    asked = [one.strip() for one in figures.split(",")]
    for one in asked:
        if one not in known.offers:
            raise RequestError(
                f"Argument `figures` must be a list from {','.join(known.offers)} for {known.name}, but has {one!r}."
            )
    return [name for name in known.offers if name in asked]
