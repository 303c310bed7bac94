"""What a reproduction leaves in its directory: figures, a CSV per curve, numbers, and the page."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from analysis.figures import inline, rendered
from devices.record import disk
from protocols import RequestError
from reproduce.drawing.figure import Figure
from reproduce.drawing.kept import pictured
from reproduce.drawing.overlay import Points
from reproduce.drawing.picture import draw
from theory.cache import Cache


def writable(out: Path) -> Path:
    """A directory that can be written to, made if need be.

    Raises:
        RequestError: If it cannot.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / f".{os.getpid()}.part"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise RequestError(
            f"Argument `out` must be a directory that can be written, but {out} cannot: {error.strerror}. Choose "
            "another."
        ) from error
    return out


def write(figure: Figure, measured: Sequence[Points], out: Path, cache: Cache | None = None) -> str:
    """The figure as svg and png, its curves, its numbers and its measured points; returns its <svg> element.

    Args:
        figure: As computed.
        measured: Points of a run, laid over its curves.
        out: Directory, which exists.
        cache: Where pictures without measured points are kept.
    """
    stem = f"figure-{figure.name}"
    svg, png = pictured(figure, None if measured else cache, partial(drawn, figure, measured))
    disk.write(out / f"{stem}.svg", svg)
    disk.write(out / f"{stem}.png", png)
    for row in figure.panels:
        for panel in row:
            for curve in panel.curves:
                rows = [(repr(float(x)), repr(float(y)), curve.status, curve.inferred)
                        for x, y in zip(curve.x, curve.y, strict=True)]  # fmt: skip
                _table(out / f"{stem}-{curve.name}.csv", (figure.column, panel.column, "status", "inferred"), rows)
    head = ("quantity", "ours", "reference", "source", "agreement", "status")
    compared = [(c.quantity, repr(c.ours), c.reference, c.source, c.agreement, c.status) for c in figure.comparisons]
    _table(out / f"{stem}-numbers.csv", head, compared)
    points = out / f"{stem}-measured.csv"
    points.unlink(missing_ok=True)  # of an earlier overlay
    if measured:
        _table(points, ("series", "panel", figure.column, *_COLUMNS), _measured(measured))
    return inline(svg, stem)


def drawn(figure: Figure, measured: Sequence[Points]) -> tuple[bytes, bytes]:
    """A figure as svg and as png.

    Args:
        figure: As computed.
        measured: Points of a run, laid over its curves.
    """
    picture = draw(figure, measured)
    return rendered(picture, "svg"), rendered(picture, "png")


_COLUMNS = ("value", "stderr", "low", "high")


def _measured(measured: Sequence[Points]) -> list[tuple[str, ...]]:
    found = []
    for points in measured:
        m = points.measure
        for x, row in zip(points.x, points.rows.to_dict("records"), strict=True):
            values = [repr(float(row[name])) for name in _COLUMNS]
            found.append((f"{m.observable} {m.subject}: {m.label}", m.panel, repr(float(x)), *values))
    return found


def _table(path: Path, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    disk.write(path, text.getvalue())
