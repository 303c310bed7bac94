"""`hotward reproduce`: the figures of a paper redrawn."""

from __future__ import annotations

import typing
from pathlib import Path
from typing import Annotated, Any

import typer

from hotward.commands.listing import find_run
from hotward.options import Json, Runs
from hotward.terminal import emit, progress

if typing.TYPE_CHECKING:
    from reproduce import Reproduction
    from reproduce.drawing import Figure


def reproduce(
    paper: Annotated[str, typer.Argument(help="holdsworth-kawai, micadei or fluctuation.")],
    figures: Annotated[str | None, typer.Option(help="Comma-separated, e.g. 1,2,5. Default: all.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Directory for figures, tables and page. Default: a new one under --runs.")
    ] = None,
    overlay: Annotated[
        Path | None,
        typer.Option(help="A run of heat-exchange or heat-pump whose measured points are laid over the figures."),
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="Where results with baths are kept. Default: hotward in the user's cache.")
    ] = None,
    runs: Runs = Path("runs"),
    json: Json = False,
) -> None:
    """Redraw the figures of a paper. The last line is the page.

    The page says what agrees, what the paper prints wrong and what is inferred.
    """
    from devices.record import REPRODUCTION, fresh_directory
    from reproduce import reproduce as redraw
    from theory import Cache

    measured = None if overlay is None else find_run(overlay, runs)
    with progress("percent") as report:
        kept = Cache.default() if cache is None else Cache(directory=cache)
        place = out or fresh_directory(runs, f"{REPRODUCTION}{paper}-")
        redrawn = redraw(paper, place, figures=figures, overlay=measured, cache=kept, progress=report)
    _print_reproduction(redrawn, json)


def _print_reproduction(reproduction: Reproduction, as_json: bool) -> None:
    """A line a figure; the last line is the page."""
    from reproduce.drawing import plain, summary

    page = str(reproduction.page)
    if as_json:
        figures = {figure.name: _as_document(figure) for figure in reproduction.figures}
        emit({"paper": reproduction.paper.name, "page": page, "measured": reproduction.measured, "figures": figures})
        return
    for figure in reproduction.figures:
        print(f"figure {figure.name}: {plain(summary(figure.comparisons))}")
    if reproduction.measured:
        print(f"{reproduction.measured} measured points laid over")
    print(page)


def _as_document(figure: Figure) -> dict[str, Any]:
    numbers = [
        {
            "quantity": c.quantity,
            "ours": c.ours if c.ours == c.ours else None,
            "reference": c.reference,
            "source": c.source,
            "agrees": c.agrees,
            "agreement": c.agreement,
            "status": c.status,
        }
        for c in figure.comparisons
    ]
    return {
        "title": figure.title,
        "numbers": numbers,
        "inferred": list(figure.inferred),
        "printed_wrong": list(figure.printed),
    }
