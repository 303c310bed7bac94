"""From the name of a paper to a directory with its figures and a page; from all papers to a page over their pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from devices.record import disk
from protocols import RequestError
from reproduce.ahead import FigureAsked, ahead
from reproduce.drawing.figure import Context, Figure, Measure, Paper
from reproduce.drawing.files import writable, write
from reproduce.drawing.kept import made
from reproduce.drawing.overlay import Overlay, checked
from reproduce.drawing.page import render, render_index
from reproduce.pairs.bath_sets import SETS, BathSet
from reproduce.papers import PAPERS, chosen, paper
from theory.cache import Cache
from theory.propagation import TICKS, Progress
from workers import Asked, opened


@dataclass(frozen=True, kw_only=True, eq=False)
class Reproduction:
    """What was made of a paper, and where."""

    paper: Paper
    figures: Sequence[Figure]
    page: Path
    measured: int
    """Points of the run that were laid over."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Collection:
    """What was made of all papers, and the page over their pages."""

    papers: Sequence[Reproduction]
    page: Path


def reproduce(
    name: str,
    out: Path,
    *,
    figures: str | None = None,
    overlay: Path | None = None,
    cache: Cache | None = None,
    progress: Progress | None = None,
    sets: Mapping[str, BathSet] = SETS,
    workers: Asked = 1,
) -> Reproduction:
    """Redraws figures of a paper. Whatever can be refused is refused before anything is computed.

    Args:
        name: Of the paper, see `PAPERS`.
        out: Directory, made if it does not exist; files of the same names are replaced.
        figures: Comma-separated names, None: all.
        overlay: Directory of a run whose points are laid over.
        cache: Where figures, pictures and results of the hierarchy are kept.
        progress: Told how far it is.
        sets: Baths of the figures that have them, the first one in front.
        workers: Processes that compute ahead into the cache, or the address of a Dask scheduler.

    Raises:
        RequestError: For an unknown paper or figure, a directory that cannot be written, or a run that does not fit.
    """
    known = paper(name)
    asked = chosen(known, figures)
    run = None if overlay is None else checked(overlay, [m for one in asked for m in known.offers[one].measures])
    kept = _usable(cache, needed=any(known.offers[one].baths for one in asked))
    writable(out)
    front = _in_front(sets, run, [measure for one in asked for measure in known.offers[one].measures])
    context = Context(cache=kept, progress=progress, sets=front)
    with opened(workers) as team:
        ahead([FigureAsked(paper=known.name, figure=one) for one in asked], context, team)
    return _redrawn(known, asked, out, run, context, "")


def reproduce_all(
    out: Path,
    *,
    overlay: Path | None = None,
    cache: Cache | None = None,
    progress: Progress | None = None,
    workers: Asked = 1,
) -> Collection:
    """Redraws all figures of all papers, each paper in a folder of its name, with a page over them.

    Args:
        out: Directory, made if it does not exist; files of the same names are replaced.
        overlay: Directory of a run whose points are laid over every figure that they fit.
        cache: Where figures, pictures and results of the hierarchy are kept.
        progress: Told how far it is.
        workers: Processes that compute ahead into the cache, or the address of a Dask scheduler; a script that calls
            this with processes is imported by each of them, and needs its `if __name__ == "__main__"`.

    Raises:
        RequestError: For a directory that cannot be written, or a run that fits no figure.
    """
    every = [one for known in PAPERS.values() for offer in known.offers.values() for one in offer.measures]
    run = None if overlay is None else checked(overlay, every)
    context = Context(cache=_usable(cache, needed=True), progress=progress)
    writable(out)
    with opened(workers) as team:
        ahead([FigureAsked(paper=name, figure=one) for name in PAPERS for one in PAPERS[name].offers], context, team)
    found = []
    for name, known in PAPERS.items():
        found.append(_redrawn(known, list(known.offers), writable(out / name), run, context, f"{name}: "))
    page = out / "index.html"
    disk.write(page, render_index([(one.paper, one.figures, one.measured) for one in found], run and run.name))
    return Collection(papers=found, page=page)


def _usable(cache: Cache | None, *, needed: bool) -> Cache | None:
    """A cache that can be written; without one, figures that take long are refused and others are made."""
    try:
        return cache and cache.checked()
    except RequestError:
        if needed:
            raise
        return None


def _redrawn(
    known: Paper, asked: Sequence[str], out: Path, run: Overlay | None, context: Context, before: str
) -> Reproduction:
    sets = _in_front(context.sets, run, [measure for one in asked for measure in known.offers[one].measures])
    figures, pictures, laid = [], {}, {}
    for one in asked:
        told = None if context.progress is None else _named(context.progress, f"{before}computing figure {one}")
        own = Context(cache=context.cache, progress=told, sets=sets)
        figure = made(known.offers[one], known.name, one, own)
        laid[one] = [] if run is None else run.fitting(figure.measures)
        pictures[one] = write(figure, laid[one], out, context.cache)
        figures.append(figure)
        if told is not None:
            told("", 1, 0)
    counts = {one: sum(len(points.x) for points in laid[one]) for one in asked}
    page = out / "index.html"
    shown = run if run is not None and any(counts.values()) else None
    disk.write(page, render(known, figures, pictures, shown and shown.name, counts))
    return Reproduction(paper=known, figures=figures, page=page, measured=sum(counts.values()))


def _in_front(sets: Mapping[str, BathSet], run: Overlay | None, measures: Sequence[Measure]) -> Mapping[str, BathSet]:
    """The sets of baths, the one whose rates a run has in front."""
    laid = [] if run is None else run.fitting([one for one in measures if one.baths in sets])
    return {name: sets[name] for name in (*(one.measure.baths for one in laid[:1]), *sets)}


def _named(progress: Progress, what: str) -> Progress:
    """A figure takes several integrations: it is done when it is told 1 of 0."""
    return lambda _, done, of: progress(what, min(done, of - 1) if of else TICKS, of or TICKS)
