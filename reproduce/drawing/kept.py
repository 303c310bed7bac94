"""Figures and pictures that were made before: kept by their content, the code that made them and its libraries."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache as once
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from analysis.figures import Pen
from protocols import Array
from reproduce.drawing.comparison import Comparison
from reproduce.drawing.figure import Context, Curve, Figure, Offer, Panel
from theory.cache import Cache

PACKAGES = ("protocols", "theory", "analysis", "reproduce.drawing", "reproduce.pairs")
"""Whose code enters every figure, beside that of its paper."""


def made(offer: Offer, paper: str, name: str, context: Context) -> Figure:
    """A figure of a paper: what was kept of it, or else computed and kept.

    Args:
        offer: What makes it.
        paper: Name of the paper.
        name: Of the figure.
        context: Where results are kept; without a cache nothing is.
    """
    if context.cache is None:
        return offer.make(context)
    inputs = figure_inputs(paper, name, context)
    stored = context.cache.recall(inputs, lambda: {"figure": as_array(packed(offer.make(context)))})
    return unpacked(stored["figure"].tobytes(), offer)


def figure_inputs(paper: str, name: str, context: Context) -> dict[str, Any]:
    """What a figure is kept by: the code that makes it, its libraries, its baths.

    Args:
        paper: Name of the paper.
        name: Of the figure.
        context: Has the sets of baths.
    """
    return {
        "figure": [paper, name],
        "baths": list(context.sets.values()),  # the first one is drawn in front
        "code": code_of((*PACKAGES, f"reproduce.{paper.replace('-', '_')}")),
        "versions": [version("numpy"), version("scipy")],
    }


def pictured(figure: Figure, cache: Cache | None, draw: Callable[[], tuple[bytes, bytes]]) -> tuple[bytes, bytes]:
    """The svg and the png of a figure without measured points.

    Args:
        figure: As computed.
        cache: Where pictures are kept.
        draw: Makes both.
    """
    if cache is None:
        return draw()
    inputs = picture_inputs(figure)
    stored = cache.recall(inputs, lambda: dict(zip(("svg", "png"), map(as_array, draw()), strict=True)))
    return stored["svg"].tobytes(), stored["png"].tobytes()


def picture_inputs(figure: Figure) -> dict[str, Any]:
    """What the pictures of a figure are kept by: what is drawn, and what draws it.

    Args:
        figure: As computed.
    """
    said = {"name": "", "title": "", "caption": "", "comparisons": (), "printed": (), "inferred": (), "notes": ()}
    drawn = packed(dataclasses.replace(figure, **said))  # words beside a picture do not change it
    return {
        "picture": hashlib.sha256(drawn).hexdigest(),
        "code": code_of(("reproduce.drawing", "analysis.figures")),
        "versions": [version("matplotlib")],
    }


@once
def code_of(packages: Sequence[str]) -> str:
    """Digest of every line of Python in some packages.

    Args:
        packages: Their names.
    """
    found = hashlib.sha256()
    for package in packages:
        folder = Path(importlib.import_module(package).__path__[0])
        for path in sorted(folder.rglob("*.py")):
            found.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def packed(figure: Figure) -> bytes:
    """A figure without its measures as text; numbers in full.

    Args:
        figure: As computed.
    """
    document = dataclasses.asdict(dataclasses.replace(figure, measures=()))
    return json.dumps(document, default=lambda value: np.asarray(value, dtype=float).tolist()).encode()


def unpacked(text: bytes, offer: Offer) -> Figure:
    """The figure of a text, with the measures of its offer.

    Args:
        text: What `packed` gives.
        offer: What makes the figure.
    """
    document = json.loads(text)
    panels = tuple(tuple(_panel(panel) for panel in row) for row in document.pop("panels"))
    comparisons = tuple(Comparison(**one) for one in document.pop("comparisons"))
    rest = {name: _tuple(value) for name, value in document.items() if name != "measures"}
    return Figure(panels=panels, comparisons=comparisons, measures=offer.measures, **rest)


def _panel(document: Mapping[str, Any]) -> Panel:
    curves = tuple(
        Curve(**{**one, "x": np.array(one["x"], dtype=float), "y": np.array(one["y"], dtype=float), "pen": _pen(one)})
        for one in document["curves"]
    )
    return Panel(**{**document, "curves": curves})


def _pen(curve: Mapping[str, Any]) -> Pen:
    return Pen(**{**curve["pen"], "dash": _tuple(curve["pen"]["dash"])})


def _tuple(value: Any) -> Any:
    """Lists of a document as the tuples that they were."""
    return tuple(_tuple(one) for one in value) if isinstance(value, list) else value


def as_array(content: bytes) -> Array:
    """Bytes as they are kept."""
    return np.frombuffer(content, dtype=np.uint8)
