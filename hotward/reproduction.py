"""hotward reproduce: from its options to a directory, and what it says."""

from __future__ import annotations

import secrets
import typing
from datetime import UTC, datetime
from pathlib import Path

from hotward.terminal import Report, emit

if typing.TYPE_CHECKING:
    from reproduce import Reproduction


def made(
    paper: str,
    figures: str | None,
    out: Path | None,
    overlay: Path | None,
    cache: Path | None,
    runs: Path,
    report: Report,
) -> Reproduction:
    """Redraws figures; results of the hierarchy are kept in the cache."""
    from reproduce import reproduce
    from theory import Cache

    kept = Cache.default() if cache is None else Cache(directory=cache)
    return reproduce(paper, out or _fresh(runs, paper), figures=figures, overlay=overlay, cache=kept, progress=report)


def show(reproduction: Reproduction, as_json: bool) -> None:
    """A line a figure; the last line is the page."""
    from reproduce.drawing.page import plain, summary

    page = reproduction.page
    if as_json:
        figures = {
            figure.name: {
                "title": figure.title,
                "numbers": [
                    {"quantity": c.quantity, "ours": c.ours if c.ours == c.ours else None, "reference": c.reference,
                     "source": c.source, "agrees": c.agrees, "agreement": c.agreement, "status": c.status}
                    for c in figure.comparisons
                ],
                "inferred": list(figure.inferred),
                "printed_wrong": list(figure.printed),
            }
            for figure in reproduction.figures
        }  # fmt: skip
        emit(
            {"paper": reproduction.paper.name, "page": str(page), "measured": reproduction.measured, "figures": figures}
        )
        return
    for figure in reproduction.figures:
        print(f"figure {figure.name}: {plain(summary(figure.comparisons))}")
    if reproduction.measured:
        print(f"{reproduction.measured} measured points laid over")
    print(page)


def _fresh(runs: Path, paper: str) -> Path:
    from devices.record.record import REPRODUCTION

    return runs / f"{REPRODUCTION}{paper}-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"
