"""What takes long of some figures is made by several processes before the figures are written, and kept.

First the hierarchies, the longest of them first, and whole figures that take none; then the figures that rest on the
hierarchies. One task is a hierarchy or a figure. Results come back to this process, which alone writes the cache.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from protocols import Array
from reproduce.drawing import Context, Figure, Offer
from reproduce.drawing.files import drawn
from reproduce.drawing.kept import as_array, figure_inputs, made, packed, picture_inputs, unpacked
from reproduce.papers import PAPERS
from theory import Cache, Computation
from theory.computations import missing
from theory.propagation import TICKS
from workers import Workers, spread


@dataclass(frozen=True, kw_only=True)
class FigureAsked:
    """A figure of a paper."""

    paper: str
    figure: str

    @property
    def offer(self) -> Offer:
        """What makes it."""
        return PAPERS[self.paper].offers[self.figure]


def ahead(asked: Sequence[FigureAsked], context: Context, workers: Workers) -> None:
    """Makes everything of some figures that a cache can keep, so that writing them takes seconds.

    Args:
        asked: The figures.
        context: Cache, progress and sets of baths.
        workers: Who computes; with one, or without a cache, nothing is done ahead.
    """
    cache = context.cache
    if workers.number < 2 or cache is None:
        return
    left = [one for one in asked if cache.known(figure_inputs(one.paper, one.figure, context)) is None]
    bare = replace(context, cache=None, progress=None)
    first = missing((one for figure in left if (needs := figure.offer.needs) for one in needs(context)), cache)
    figures = [_Whole(asked=one, context=bare) for one in left if not one.offer.baths]
    _keep_all([*first, *figures], context, cache, workers)
    rest = {one: made(one.offer, one.paper, one.figure, context) for one in left if one.offer.baths}
    _keep_all([_Picture(asked=one, text=packed(figure)) for one, figure in rest.items()], context, cache, workers)


def _keep_all(tasks: Sequence[_Task], context: Context, cache: Cache, workers: Workers) -> None:
    """Results are kept as they come in."""
    for done, (index, result) in enumerate(spread(_made, tasks, workers), 1):
        task = tasks[index]
        if isinstance(task, _Whole):
            cache.keep(figure_inputs(task.asked.paper, task.asked.figure, context), {"figure": result["figure"]})
        if isinstance(task, _Whole | _Picture):
            text = task.text if isinstance(task, _Picture) else result["figure"].tobytes()
            drawing = {name: result[name] for name in ("svg", "png")}
            cache.keep(picture_inputs(unpacked(text, task.asked.offer)), drawing)
        else:
            cache.keep(task.inputs, result)
        if context.progress is not None:
            context.progress("computing ahead", TICKS * done // len(tasks), TICKS)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Whole:
    """A figure to be made and drawn."""

    asked: FigureAsked
    context: Context
    """Without what belongs to the process that asks."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Picture:
    """A figure to be drawn."""

    asked: FigureAsked
    text: bytes
    """The figure, packed."""


_Task: typing.TypeAlias = "Computation | _Whole | _Picture"


def _made(task: _Task) -> Mapping[str, Array]:
    """The result of a hierarchy; a figure and its pictures; or these alone."""
    if isinstance(task, _Whole):
        figure = made(task.asked.offer, task.asked.paper, task.asked.figure, task.context)
        return {"figure": as_array(packed(figure)), **_drawn(figure)}
    if isinstance(task, _Picture):
        return _drawn(unpacked(task.text, task.asked.offer))
    return dict(task.compute())


def _drawn(figure: Figure) -> dict[str, Array]:
    return dict(zip(("svg", "png"), map(as_array, drawn(figure, ())), strict=True))
