"""Figures as bytes, the same for the same figure, and as SVG that stands inside a page."""

from __future__ import annotations

import io
import re
import typing
from typing import Literal

from analysis.figures.style import DOTS_PER_INCH

if typing.TYPE_CHECKING:
    from matplotlib.figure import Figure


def rendered(figure: Figure, kind: Literal["svg", "png"]) -> bytes:
    """The figure as a file; text in an svg is outlines, so that it looks the same everywhere.

    Args:
        figure: What is drawn. It is laid out here if it has not been, and keeps that layout.
        kind: "svg", or "png" with `DOTS_PER_INCH`.

    Returns:
        The content of the file, which has no date in it: equal figures give equal bytes.
    """
    import matplotlib as mpl

    engine = figure.get_layout_engine()
    if engine is not None:  # laid out once, for every kind of file, and not drawn for that
        engine.execute(figure)
        figure.set_layout_engine(None)
    buffer = io.BytesIO()
    metadata: dict[str, typing.Any] = {"Date": None} if kind == "svg" else {"Software": None}
    more: dict[str, typing.Any] = {} if kind == "svg" else {"pil_kwargs": {"compress_level": 1}}  # the fastest
    with mpl.rc_context({"svg.hashsalt": "hotward", "svg.fonttype": "path"}):
        figure.savefig(buffer, format=kind, dpi=DOTS_PER_INCH, metadata=metadata, **more)
    return buffer.getvalue()


def inline(svg: bytes, prefix: str) -> str:
    """The <svg> element alone, with identifiers of its own so that several can stand on one page.

    Args:
        svg: A whole file, as `rendered` gives it.
        prefix: What every identifier is to start with; it must differ from figure to figure.

    Examples:
        >>> inline(b'<?xml?><svg><metadata>x</metadata><g id="a"/><use href="#a"/></svg>', "f")
        '<svg><g id="f-a"/><use href="#f-a"/></svg>'
    """
    text = svg.decode()
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text[text.index("<svg") :], flags=re.DOTALL)
    text = re.sub(r'\bid="', f'id="{prefix}-', text)
    return re.sub(r'href="#|url\(#', lambda found: f"{found[0]}{prefix}-", text).strip()
