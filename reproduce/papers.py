"""The papers whose figures are redrawn: a folder here each, found by its name and imported when it is asked for."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from protocols import RequestError
from reproduce.drawing import Paper

ROOMS = ("drawing", "pairs")
"""Folders that are no papers: what several of them are made with."""


class _Papers(Mapping[str, Paper]):
    """By name, in alphabetical order: the folder `some_paper` has the paper some-paper, in the constant PAPER."""

    def __getitem__(self, name: str) -> Paper:
        if name not in self:
            raise KeyError(name)
        found: Paper = importlib.import_module(f"reproduce.{name.replace('-', '_')}").PAPER
        return found

    def __contains__(self, name: object) -> bool:
        return name in _names()

    def __iter__(self) -> Iterator[str]:
        return iter(_names())

    def __len__(self) -> int:
        return len(_names())


def _names() -> list[str]:
    found = pkgutil.iter_modules([str(Path(__file__).parent)])
    return sorted(one.name.replace("_", "-") for one in found if one.ispkg and one.name not in ROOMS)


PAPERS: Mapping[str, Paper] = _Papers()
"""Names are known from the folders alone; a paper is imported when it is taken."""


def paper(name: str) -> Paper:
    """A paper by its name.

    Raises:
        RequestError: For one that is not known.
    """
    if name not in PAPERS:
        near = difflib.get_close_matches(name, tuple(PAPERS), n=1)
        meant = f" Did you mean {near[0]}?" if near else ""
        raise RequestError(f"Argument `paper` must be all or one of {', '.join(PAPERS)}, but is {name!r}.{meant}")
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
