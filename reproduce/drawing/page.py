"""A page per paper: what agrees and to how many digits, what is printed wrong, what is inferred; and one over all."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from analysis.report import templates
from reproduce.drawing.comparison import REFERENCE, Comparison
from reproduce.drawing.figure import Figure, Paper
from reproduce.drawing.picture import SYMBOLS

PLAIN = {"Omega": "\u03a9", "lambda": "\u03bb", "gamma": "\u03b3", "kappa": "\u03ba", "theta": "\u03b8"}
"""Signs beside those of the figures."""
LONG = 16
"""Comparisons beyond which a table is folded."""


def render(
    paper: Paper, figures: Sequence[Figure], pictures: Mapping[str, str], run: str | None, points: Mapping[str, int]
) -> str:
    """One HTML page that needs no other file.

    Args:
        paper: Whose figures.
        figures: As computed.
        pictures: Name of a figure -> its <svg> element.
        run: Name of the run laid over, if any.
        points: Name of a figure -> how many of its points are laid over it.
    """
    environment = templates(Path(__file__).parent)
    environment.filters["spelled"] = plain
    content = [
        {"figure": one, "svg": pictures[one.name], "summary": summary(one.comparisons), "points": points[one.name],
         "narrow": len(one.panels[0]) == 1, "folded": len(one.comparisons) > LONG}
        for one in figures
    ]  # fmt: skip
    compared = [comparison for one in figures for comparison in one.comparisons]
    founded = any(one.source == REFERENCE for one in compared)
    return environment.get_template("page.html.j2").render(
        paper=paper, figures=content, run=run, summary=summary(compared), founded=founded
    )


def render_index(made: Sequence[tuple[Paper, Sequence[Figure], int]], run: str | None) -> str:
    """The page over the pages of all papers, which lie in folders of their names beside it.

    Args:
        made: Papers with their figures, and how many measured points lie over them.
        run: Name of the run laid over, if any.
    """
    environment = templates(Path(__file__).parent)
    environment.filters["spelled"] = plain
    environment.filters["sum"] = lambda rows, name: sum(row[name] for row in rows)
    content = []
    for paper, figures, measured in made:
        compared = [one for figure in figures for one in figure.comparisons]
        agreeing = sum(one.agrees for one in compared)
        titles = [(figure.name, figure.title) for figure in figures]
        content.append(
            {"paper": paper, "first": figures[0], "titles": titles, "figures": len(figures), "measured": measured,
             "numbers": len(compared), "agreeing": agreeing}
        )  # fmt: skip
    return environment.get_template("index.html.j2").render(papers=content, run=run)


def summary(comparisons: Sequence[Comparison]) -> str:
    """How many numbers agree in all digits, and the others, source by source."""
    said = []
    for source in dict.fromkeys(one.source for one in comparisons):
        own = [one for one in comparisons if one.source == source]
        rest = [f"{one.quantity}, {one.agreement}" for one in own if not one.agrees]
        others = f"; the others: {'; '.join(rest)}" if rest else ""
        agreeing = len(own) - len(rest)
        said.append(
            f"Beside {source}: {agreeing} of {len(own)} agree in all printed digits or lie in the range{others}."
        )
    return " ".join(said)


def plain(text: str) -> str:
    """Signs in place of their names, without typesetting."""
    text = re.sub(r"\beps\b", "\u03b5", text)
    text = re.sub(r"\bpi\b", "\u03c0", text.replace("+-", "\u00b1").replace("-+", "\u2213"))
    for name, sign in {**SYMBOLS, **PLAIN}.items():
        text = text.replace(name, re.sub(r"\$_(.)\$", r"_\1", sign))
    return text
