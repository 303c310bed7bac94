"""`hotward reproduce`: the papers there are, and the figures of one or of all redrawn."""

from __future__ import annotations

import math
import typing
from pathlib import Path
from typing import Annotated, Any

import typer

from hotward.commands.listing import find_run
from hotward.options import Json, Runs, WorkersOption
from hotward.terminal import emit, progress, table
from protocols import RequestError
from workers import opened

if typing.TYPE_CHECKING:
    from reproduce import Reproduction
    from reproduce.drawing import Figure

NOTHING = "no numbers to compare."


def reproduce(
    paper: Annotated[
        str | None, typer.Argument(help="Name of a paper, or all. Without one: the papers that there are.")
    ] = None,
    figures: Annotated[str | None, typer.Option(help="Comma-separated, e.g. 1,2,5. Default: all.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Directory for figures, tables and page. Default: a new one under --runs.")
    ] = None,
    overlay: Annotated[
        Path | None, typer.Option(help="A run whose measured points are laid over the figures that they belong to.")
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="Where what was computed is kept. Default: hotward in the user's cache.")
    ] = None,
    runs: Runs = Path("runs"),
    workers: WorkersOption = "1",
    json: Json = False,
) -> None:
    """Redraw the figures of a paper, or of all. The last line is the page.

    The page says which numbers are the paper's, which were chosen here, what is inferred and what disagrees.
    """
    from devices.record import REPRODUCTION, fresh_directory
    from reproduce import reproduce as redraw
    from reproduce import reproduce_all
    from theory import Cache

    if paper is None:
        _list_papers(json, {"figures": figures, "out": out, "overlay": overlay, "cache": cache})
        return
    if paper == "all" and figures is not None:
        raise RequestError("Argument `figures` belongs to one paper, but all were asked for. Name the paper.")
    measured = None if overlay is None else find_run(overlay, runs)
    with opened(workers) as team, progress("percent") as report:
        kept = Cache.default() if cache is None else Cache(directory=cache)
        place = out or fresh_directory(runs, f"{REPRODUCTION}{paper}-")
        if paper == "all":
            everything = reproduce_all(place, overlay=measured, cache=kept, progress=report, workers=team)
            redrawn, page = everything.papers, everything.page
        else:
            one = redraw(paper, place, figures=figures, overlay=measured, cache=kept, progress=report, workers=team)
            redrawn, page = [one], one.page
    if json:
        documents = [_as_document(one) for one in redrawn]
        emit({"papers": documents, "page": str(page)} if paper == "all" else documents[0])
        return
    for one in redrawn:
        _print_reproduction(one, whole=paper != "all")
    print(page)


def _list_papers(as_json: bool, given: dict[str, Any]) -> None:
    """A line a paper: what it is, its figures, and whose runs can be laid over them."""
    from reproduce import PAPERS
    from reproduce.drawing import protocols_of

    for name, value in given.items():
        if value is not None:
            raise RequestError(f"Argument `{name}` needs a paper. Choose one of {', '.join(PAPERS)}, or all.")
    found = []
    for known in PAPERS.values():
        measures = [one for offer in known.offers.values() for one in offer.measures]
        protocols = dict.fromkeys(name for one in measures for name in protocols_of(one))
        about = {"title": known.title, "source": known.source, "figures": list(known.offers)}
        found.append({"paper": known.name, **about, "overlay": list(protocols)})
    if as_json:
        emit({"papers": found})
        return
    rows = [
        (one["paper"], one["title"], ", ".join(one["figures"]), ", ".join(one["overlay"]) or "none") for one in found
    ]
    table("papers", ("name", "title", "figures", "runs laid over"), rows)


def _print_reproduction(reproduction: Reproduction, *, whole: bool) -> None:
    """A line a figure; or one for the paper."""
    from reproduce.drawing import plain, summary

    if whole:
        for figure in reproduction.figures:
            print(f"figure {figure.name}: {plain(summary(figure.comparisons)) or NOTHING}")
    else:
        every = [one for figure in reproduction.figures for one in figure.comparisons]
        print(f"{reproduction.paper.name}: {plain(summary(every)) or NOTHING}")
    if reproduction.measured:
        print(f"{reproduction.measured} measured points laid over")


def _as_document(reproduction: Reproduction) -> dict[str, Any]:
    figures = {figure.name: _figure_as_document(figure) for figure in reproduction.figures}
    known = reproduction.paper
    about = {"paper": known.name, "remarks": list(known.remarks), "page": str(reproduction.page)}
    return {**about, "measured": reproduction.measured, "figures": figures}


def _figure_as_document(figure: Figure) -> dict[str, Any]:
    numbers = [
        {
            "quantity": c.quantity,
            "ours": c.ours if math.isfinite(c.ours) else None,
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
