"""The figure of a run: energies and heat of both qubits along the sweep, with theory, control and verdict."""

from __future__ import annotations

import textwrap
import typing
from collections.abc import Sequence
from dataclasses import dataclass

from analysis._analyse import Analysis

if typing.TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's palette, distinguishable with any colour vision; the control differs by marker and dash too
COLOURS = ("#D55E00", "#0072B2")
CONTROL = "#7F7F7F"
MOST_COLUMNS = 4


@dataclass(frozen=True)
class _Panel:
    """One sweep along x: a column of the figure."""

    title: str
    table: pd.DataFrame
    curves: pd.DataFrame


def energies_and_heat(analysis: Analysis) -> Figure:
    """Energies above, heat below, against the axis; one column per combination of other swept parameters.

    Points carry their standard errors, broad bars are 95 % intervals, lines are the exact ideal prediction;
    the control is grey and dashed.
    """
    from matplotlib.figure import Figure

    x, panels = _panels(analysis)
    shown = panels[:MOST_COLUMNS]
    figure = Figure(figsize=(max(6.4, 4.4 * len(shown)), 6.4), layout="constrained")
    axes = figure.subplots(2, len(shown), sharex="col", sharey="row", squeeze=False)
    qubits = analysis.record.start["qubits"]
    for column, panel in enumerate(shown):
        for row, name in enumerate(("energy", "heat")):
            _draw(axes[row, column], panel, name, qubits, x)
        axes[0, column].set_title(panel.title, fontsize=9)
        axes[1, column].axhline(0, color="black", linewidth=0.8)
        axes[1, column].set_xlabel(_label(analysis, x))
    axes[0, 0].set_ylabel("energy [gap]")
    axes[1, 0].set_ylabel("heat gained since time 0 [gap]")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    title = analysis.headline.replace("+-", "±")
    if len(panels) > len(shown):
        title += f" (first {len(shown)} of {len(panels)} sweeps shown)"
    figure.suptitle("\n".join(textwrap.wrap(title, 46 + 30 * len(shown))), fontsize=10)
    return figure


def _panels(analysis: Analysis) -> tuple[str, list[_Panel]]:
    """Which column runs along x, and the table split by the others."""
    start, table = analysis.record.start, analysis.table
    axis = start["axis"]
    main = table[table["role"] == "point"]
    swept = [name for name in table.columns if name in start["points"]["parameters"]]
    x = axis if main[axis].nunique() > 1 else max(swept, key=lambda name: main[name].nunique())
    others = [name for name in swept if name not in (x, axis)]
    # along anything but the axis, the reference points would double every x
    kept = table if x == axis else table[table["role"] != "reference"]
    curves = analysis.curves if x == axis else analysis.curves.iloc[:0]
    if not others:
        return x, [_Panel("", kept, curves)]
    groups = kept.groupby(others, sort=True)
    panels = []
    for values, group in groups:
        keys = values if isinstance(values, tuple) else (values,)
        title = ", ".join(f"{name} = {value:.4g}" for name, value in zip(others, keys, strict=True))
        mine = curves
        for name, value in zip(others, keys, strict=True):
            mine = mine[mine[name] == value]
        panels.append(_Panel(title, group, mine))
    return x, panels


def _draw(axes: Axes, panel: _Panel, name: str, qubits: Sequence[str], x: str) -> None:
    arms = list(panel.table["arm"].unique()) if "arm" in panel.table else ["main"]
    for arm in reversed(arms):
        for qubit, colour, marker in zip(qubits, COLOURS, "os", strict=True):
            main = arm == "main"
            rows, curve = (_rows(t, name, qubit, arm).sort_values(x) for t in (panel.table, panel.curves))
            ink = colour if main else CONTROL
            line = curve if len(curve) else rows
            style = "-" if main else ("--" if qubit == qubits[0] else ":")
            label = f"{qubit}, exact" if main else f"{qubit}, control {arm}, exact"
            axes.plot(line[x], line["ideal"], style, color=ink, linewidth=1.2, label=label, alpha=0.8)
            if main:
                axes.vlines(rows[x], rows["low"], rows["high"], color=ink, alpha=0.25, linewidth=6)
            axes.errorbar(
                rows[x],
                rows["value"],
                rows["stderr"],
                fmt=marker,
                color=ink,
                markersize=3.5 if main else 2.5,
                markerfacecolor=ink if main else "white",
                elinewidth=0.9,
                capsize=1.5,
                label=f"{qubit}, measured" if main else f"{qubit}, control {arm}, measured",
            )


def _rows(table: pd.DataFrame, name: str, qubit: str, arm: str) -> pd.DataFrame:
    chosen = table[(table["observable"] == name) & (table["subject"] == qubit)]
    return chosen[chosen["arm"] == arm] if "arm" in chosen else chosen


def _label(analysis: Analysis, x: str) -> str:
    meaning = analysis.record.start["columns"].get(x, x)
    return meaning.replace("hbar/gap", "ħ/gap").replace(" [1]", "")
