"""A figure as matplotlib draws it."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import replace

from analysis.figures import _style
from analysis.figures._along import below, mark
from theory.reproduce._figure import Curve, Figure, Panel
from theory.reproduce._overlay import Points

if typing.TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawn

SHOWN = {"4": 60.0, "5": 60.0}
"""Last time drawn of figures whose curves go on."""
SYMBOLS = {
    "hbar": "\u0127", "Sigma_0": "\u03a3\u2080", "Sigma": "\u03a3", "kappa_A": "\u03ba$_A$", "kappa_B": "\u03ba$_B$",
    "delta": "\u03b4", "Delta ": "\u0394", "pi/2": "\u03c0/2", "E_A": "E$_A$", "E_B": "E$_B$", "Q_A": "Q$_A$",
    "Q_B": "Q$_B$", "T_A": "T$_A$", "T_B": "T$_B$", "beta_A": "\u03b2$_A$", "beta_B": "\u03b2$_B$", ">=": "\u2265",
    "<V>": "\u27e8V\u27e9", "- E": "\u2212 E", "-\u03c0": "\u2212\u03c0",
}  # fmt: skip


def draw(figure: Figure, measured: Sequence[Points]) -> Drawn:
    """All panels, measured points over their curves, one legend below."""
    columns = max(len(row) for row in figure.panels)
    height = 2.3 if len(figure.panels) == 1 else 1.7
    wide = 5.2 if columns == 1 else None
    drawn, axes = _style.blank(len(figure.panels), columns, height, width=wide, sharex=True)
    entries: dict[str, typing.Any] = {}
    for i, row in enumerate(figure.panels):
        for j, panel in enumerate(row):
            _panel(axes[i, j], panel, [p for p in measured if p.measure.panel == panel.name], entries)
            axes[i, j].set_ylabel(spelled(panel.label) if j == 0 or panel.label != row[0].label else "", fontsize=8)
            axes[i, j].set_title(spelled(panel.title), fontsize=8)
            if i == len(figure.panels) - 1:
                axes[i, j].set_xlabel(spelled(figure.abscissa), fontsize=8)
            if figure.name in SHOWN:
                axes[i, j].set_xlim(-1, SHOWN[figure.name] + 1)
    below(drawn, list(entries.values()))
    return drawn


def _panel(axes: Axes, panel: Panel, measured: Sequence[Points], entries: dict[str, typing.Any]) -> None:
    if panel.zero:
        axes.axhline(0, color="black", linewidth=0.5)
    for curve in panel.curves:
        _line(axes, curve)
        entries.setdefault(curve.label, _entry(curve))
    for points in measured:
        _style.points(axes, points.x, points.rows, points.measure.pen)
        said = f"measured: {points.measure.label}"
        entries.setdefault(said, mark(points.measure.pen, spelled(said), joined=False))


def _line(axes: Axes, curve: Curve) -> None:
    if curve.faint:
        style = {"color": curve.pen.colour, "linestyle": (0, (1, 1.4)), "linewidth": 0.8, "alpha": 0.75, "zorder": 1}
        axes.plot(curve.x, curve.y, **style)  # pyright: ignore[reportArgumentType]
    else:
        _style.line(axes, curve.x, curve.y, curve.pen, fine=True)


def _entry(curve: Curve) -> typing.Any:
    dash = (0, (1, 1.4)) if curve.faint else curve.pen.dash
    entry = mark(replace(curve.pen, marker="", dash=dash), spelled(_said(curve)), joined=True)
    if curve.faint:
        entry.set_linewidth(0.8)
    return entry


def _said(curve: Curve) -> str:
    return f"{curve.label} (not converged)" if curve.status == "not converged" else curve.label


def spelled(text: str) -> str:
    """Signs in place of their names."""
    for name, sign in SYMBOLS.items():
        text = text.replace(name, sign)
    return text
