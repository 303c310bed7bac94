"""`hotward predict`: exact values without a device, and the extrema in continuous time."""

from __future__ import annotations

import json as json_format
import math
import sys
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hotward.conclusion import UNVERIFIED
from hotward.experiment import build_experiment, choose_options, notes_on_units, provenance
from hotward.options import Json, TableFile
from hotward.requests import PredictionRequest
from hotward.terminal import emit
from hotward.terminal import table as show_table
from hotward.typer_commands import from_request
from protocols import Experiment, Points, RequestError

if typing.TYPE_CHECKING:
    import pandas as pd


@from_request
def predict(request: PredictionRequest, out: TableFile = None, json: Json = False) -> None:
    """Exact values without a device: the table with `ideal` filled, and the extrema in continuous time."""
    from analysis import predict as predicted
    from devices.record import swept_parameters

    experiment, options = predicted_experiment(request)
    source = provenance(request.protocol, request.preset)
    table = predicted(experiment, options)
    points = experiment.points(options)
    swept = swept_parameters(points, experiment.axis)
    extrema = [_with_units(row, experiment) for row in experiment.extrema(points)]
    if out is not None:
        _write_table(table, out)
    if json:
        rows = json_format.loads(table.to_json(orient="records", double_precision=15))
        named = {"protocol": experiment.name, **source, "options": dict(options)}
        emit({**named, "extrema": [_without_infinity(row) for row in extrema], "table": rows})
        return
    lines = [] if source["verified"] else [f"inputs {UNVERIFIED}: {source['source']}"]
    lines += [f"note: {note}" for note in notes_on_units(experiment, request.preset, request.values)]
    others = [name for name in swept if name != experiment.axis]
    lines += [_extremum_line(row, others) + _outside(row, points, experiment.axis, others) for row in extrema]
    if out is not None:
        print("\n".join([*lines, str(out)]))
    elif sys.stdout.isatty():
        _print_pivot(table, experiment, swept)
        print("\n".join(lines))
    else:
        # still one CSV for a reader that skips comments
        print(table.to_csv(index=False, lineterminator="\n"), end="")
        print("".join(f"# {line}\n" for line in lines), end="")


def predicted_experiment(request: PredictionRequest) -> tuple[Experiment, dict[str, str]]:
    """The experiment that is asked for, and its options.

    Args:
        request: What was asked for.
    """
    experiment = build_experiment(request.protocol, request.preset, request.values)
    words = {"first-reading": request.first_reading, "feedback": request.feedback}
    return experiment, choose_options(experiment, control=request.control or "off", **words)


def _write_table(table: pd.DataFrame, out: Path) -> None:
    """Writes a CSV file: a link is followed; a pipe or a device is written through, never replaced."""
    from devices.record import write

    text = table.to_csv(index=False, lineterminator="\n")
    try:
        if out.exists() and not out.is_file():
            out.write_text(text)
        else:
            write(out.resolve(), text)
    except OSError as error:
        raise RequestError(
            f"Argument `out` must be a file that can be written, but {out} cannot: {error.strerror}."
        ) from error


def _with_units(row: Mapping[str, Any], experiment: Experiment) -> dict[str, Any]:
    """Adds the physical value of an extremum where the protocol's gap is known."""
    from protocols.units import Gap

    text = getattr(experiment, "gap", None)
    if text is None:
        return dict(row)
    gap = Gap.parse(text)
    energies = {unit: gap.display(row["value"], "energy", unit) for unit in gap.units("energy")}
    times = {unit: gap.display(row["time"], "time", unit) for unit in gap.units("time")}
    return {**row, "physical_value": energies, "physical_time": times}


def _without_infinity(row: Mapping[str, Any]) -> dict[str, Any]:
    """The same with an infinite temperature as a word: JSON has no such number."""
    return {name: str(v) if isinstance(v, float) and math.isinf(v) else v for name, v in row.items()}


def _extremum_line(row: Mapping[str, Any], others: Sequence[str]) -> str:
    where = "".join(f", {name} = {row[name]:.6g}" for name in others)
    arm = "" if row["arm"] == "main" else f" ({row['arm']})"
    text = f"{row['kind']} of {row['observable']} {row['subject']}{arm}: {row['value']:.6f} {row['unit']} "
    text += f"at time {row['time']:.6f}{where}"
    if "physical_value" in row:
        energy = next(iter(row["physical_value"].items()))
        time = next(iter(row["physical_time"].items()))
        text += f" ({energy[1]:.5f} {energy[0]} at {time[1]:.4f} {time[0]})"
    return text


def _outside(row: Mapping[str, Any], points: Points, axis: str, others: Sequence[str]) -> str:
    """Said of an extremum of the first period of continuous time where the sweep that was asked for does not reach."""
    import numpy as np

    own = ~points.reference_only & np.all([points.parameters[name] == row[name] for name in others], axis=0)
    first, last = points.parameters[axis][own].min(), points.parameters[axis][own].max()
    rounding = 1e-9 * last
    if first == last or first - rounding <= row[axis] <= last + rounding:
        return ""
    return f"; outside the sweep, whose {axis}s are {first:.6g} to {last:.6g}"


def _print_pivot(table: pd.DataFrame, experiment: Experiment, swept: Sequence[str]) -> None:
    """A few columns a person wants, one line a point."""
    wanted = _columns_to_show(experiment, table)
    keys = [name for name in table.columns if name in swept or name == "arm"]
    rows = []
    for _, group in table.groupby(["point", *(["arm"] if "arm" in keys else [])], sort=True):
        head = [v if isinstance(v, str) else f"{v:.6g}" for v in (group[key].iloc[0] for key in keys)]
        cells = []
        for name, subject in wanted:
            hit = group[(group["observable"] == name) & (group["subject"] == subject)]["ideal"]
            cells.append(f"{hit.iloc[0]:.6f}" if len(hit) and math.isfinite(hit.iloc[0]) else "-")
        rows.append((*head, *cells))
    show_table(
        f"{experiment.name}: exact values (all {len(table)} rows: --out FILE.csv or --json)",
        (*keys, *(f"{name} {subject}" for name, subject in wanted)),
        rows,
    )


def _columns_to_show(experiment: Experiment, table: pd.DataFrame) -> list[tuple[str, str]]:
    """Observables and subjects that a person wants first."""
    from analysis import gain_among

    both, there = experiment.system, {*zip(table["observable"], table["subject"], strict=True)}
    if experiment.sides == experiment.qubits:
        wanted = [("energy", q) for q in experiment.qubits] + [(gain_among(there, q), q) for q in experiment.qubits]
        return wanted + [(name, both) for name in ("energy_difference", "mutual_information", "concurrence")]
    sides = [(gain_among(there, side), side) for side in experiment.sides or ()]
    own = [(o.name, o.subject) for o in experiment.observables(experiment.points()) if not o.theory]
    return list(dict.fromkeys([*sides, *own]))[:8]
