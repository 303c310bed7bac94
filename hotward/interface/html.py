"""A few lines, a figure and a table as HTML for a notebook; everything in it is escaped."""

from __future__ import annotations

import base64
import functools
import typing
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

if typing.TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, kw_only=True)
class Page:
    """What is shown, as plain text."""

    headline: str
    lines: Sequence[str] = ()
    figure: Figure | None = None
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


def shown(page: Page) -> str:
    """The page as one element.

    >>> shown(Page(headline="<b>", head=["T"], rows=[["1"]]))
    '<div><p><strong>&lt;b&gt;</strong></p><table><thead><tr><th>T</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table></div>'

    Args:
        page: Its content.
    """
    parts = [f"<p><strong>{escape(page.headline)}</strong></p>"]
    parts += [f"<p>{escape(line)}</p>" for line in page.lines]
    if page.figure is not None:
        parts.append(_picture(page.figure, page.headline))
    if page.rows:
        body = "".join(f"<tr>{_cells(row, 'td')}</tr>" for row in page.rows)
        parts.append(f"<table><thead><tr>{_cells(page.head, 'th')}</tr></thead><tbody>{body}</tbody></table>")
    return f"<div>{''.join(parts)}</div>"


def displayed(figure: Figure) -> Figure:
    """The figure, which a notebook then shows as a picture; by itself it does so for figures of pyplot alone.

    Args:
        figure: What is drawn.
    """
    from analysis.figures import rendered

    vars(figure)["_repr_png_"] = functools.partial(rendered, figure, "png")
    return figure


def _cells(texts: Sequence[str], tag: str) -> str:
    return "".join(f"<{tag}>{escape(str(text))}</{tag}>" for text in texts)


def _picture(figure: Figure, text: str) -> str:
    """The figure as a picture inside the page: of one in SVG the names would meet those of other cells."""
    from analysis.figures import rendered

    data = base64.b64encode(rendered(figure, "png")).decode()
    return f'<img style="max-width:100%" alt="{escape(text)}" src="data:image/png;base64,{data}">'
