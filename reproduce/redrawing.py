"""From the name of a paper to a directory with its figures and a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from devices.record import disk
from reproduce.drawing.figure import Context, Figure, Paper
from reproduce.drawing.files import writable, write
from reproduce.drawing.overlay import Points, checked
from reproduce.drawing.page import render
from reproduce.pairs.bath_sets import SETS, BathSet
from reproduce.papers import chosen, paper
from theory.cache import Cache
from theory.propagation import TICKS, Progress


@dataclass(frozen=True, kw_only=True, eq=False)
class Reproduction:
    """What was made, and where."""

    paper: Paper
    figures: Sequence[Figure]
    page: Path
    measured: int
    """Points of the run that were laid over."""


def reproduce(
    name: str,
    out: Path,
    *,
    figures: str | None = None,
    overlay: Path | None = None,
    cache: Cache | None = None,
    progress: Progress | None = None,
    sets: Mapping[str, BathSet] = SETS,
) -> Reproduction:
    """Redraws figures of a paper. Whatever can be refused is refused before anything is computed.

    Args:
        name: holdsworth-kawai, micadei or fluctuation.
        out: Directory, made if it does not exist; files of the same names are replaced.
        figures: Comma-separated names, None: all.
        overlay: Directory of a run whose points are laid over.
        cache: Where results of the hierarchy are kept.
        progress: Told how far it is.
        sets: Baths of the figures that have them, the first one in front.

    Raises:
        RequestError: For an unknown paper or figure, a directory that cannot be written, or a run that does not fit.
    """
    known = paper(name)
    asked = chosen(known, figures)
    wanted = [measure for one in asked for measure in known.offers[one].measures]
    run = None if overlay is None else checked(overlay, wanted)
    sets = sets if run is None else _in_front(sets, run.fitting(wanted))
    cache = cache.checked() if cache is not None and any(known.offers[one].baths for one in asked) else None
    writable(out)
    made, pictures, laid = [], {}, {}
    for one in asked:
        told = None if progress is None else _named(progress, f"computing figure {one}")
        figure = known.offers[one].make(Context(cache=cache, progress=told, sets=sets))
        laid[one] = [] if run is None else run.fitting(figure.measures)
        pictures[one] = write(figure, laid[one], out)
        made.append(figure)
        if told is not None:
            told("", 1, 0)
    page = out / "index.html"
    counts = {one: sum(len(points.x) for points in laid[one]) for one in asked}
    disk.write(page, render(known, made, pictures, None if run is None else run.name, counts))
    return Reproduction(paper=known, figures=made, page=page, measured=sum(counts.values()))


def _in_front(sets: Mapping[str, BathSet], laid: Sequence[Points]) -> Mapping[str, BathSet]:
    """The sets of baths, the one whose rates a run has in front."""
    own = [one.measure.baths for one in laid if one.measure.baths in sets]
    return {own[0]: sets[own[0]], **sets} if own else sets


def _named(progress: Progress, what: str) -> Progress:
    """A figure takes several integrations: it is done when it is told 1 of 0."""
    return lambda _, done, of: progress(what, min(done, of - 1) if of else TICKS, of or TICKS)
