"""`hotward predict`: exact values without a device, and the extrema in continuous time."""

from __future__ import annotations

import itertools
import json as json_format
import math
import sys
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hotward.conclusion import UNVERIFIED
from hotward.experiment import build_experiment, choose_options, notes_on_units, provenance
from hotward.options import Json, TableFile
from hotward.requests import PredictionRequest
from hotward.terminal import Report, emit_rows, progress
from hotward.terminal import table as show_table
from hotward.typer_commands import from_request
from protocols import Experiment, Points, RequestError
from workers import opened

if typing.TYPE_CHECKING:
    import pandas as pd


MOST_POINTS = 400
"""Of which a terminal shows every one."""
AT_ENDS = 20
"""Points that a terminal shows of a longer sweep at its beginning, and at its end."""
MOST_EXTREMA = 24
"""Lines of extrema on a terminal."""


@from_request
def predict(request: PredictionRequest, out: TableFile = None, json: Json = False) -> None:
    """Exact values without a device: the table with `ideal` filled, and the extrema in continuous time."""
    from analysis import predicted_parts, prediction_of
    from devices.record import swept_parameters

    experiment, options = predicted_experiment(request)
    source = provenance(request.protocol, request.preset)
    asked = prediction_of(experiment, options)
    points = experiment.points(options)
    swept = swept_parameters(points, experiment.axis)
    with opened(request.workers) as workers, progress("parts") as told:
        parts = _counted(predicted_parts(asked, workers=workers), asked.parts, told)
        first = next(parts)  # a protocol without exact states is refused before a file is begun
        extrema = [_with_units(row, experiment) for row in experiment.extrema(points)]
        every = itertools.chain([first], parts)
        if out is not None:
            every = _kept_in(out, every)
        if json:
            named = {"protocol": experiment.name, **source, "options": dict(options)}
            emit_rows({**named, "extrema": [_without_infinity(row) for row in extrema]}, "table", map(_records, every))
            return
        lines = [] if source["verified"] else [f"inputs {UNVERIFIED}: {source['source']}"]
        lines += [f"note: {note}" for note in notes_on_units(experiment, request.preset, request.values)]
        lines += _extremum_lines(extrema, points, experiment.axis, swept)
        if out is not None:
            for _ in every:
                pass
            print("\n".join([*_shortened(lines), str(out)]))
        elif sys.stdout.isatty():
            _print_pivot(every, len(asked.points), experiment, swept)
            print("\n".join(_shortened(lines)))
        else:
            # still one CSV for a reader that skips comments
            for number, part in enumerate(every):
                print(part.to_csv(index=False, header=number == 0, lineterminator="\n"), end="")
            print("".join(f"# {line}\n" for line in lines), end="")


def predicted_experiment(request: PredictionRequest) -> tuple[Experiment, dict[str, str]]:
    """The experiment that is asked for, and its options.

    Args:
        request: What was asked for.
    """
    experiment = build_experiment(request.protocol, request.preset, request.values)
    words = {"first-reading": request.first_reading, "feedback": request.feedback}
    return experiment, choose_options(experiment, control=request.control or "off", **words)


def _counted(parts: Iterator[pd.DataFrame], of: int, told: Report) -> Iterator[pd.DataFrame]:
    """The parts, with a word on the terminal after each where there are several."""
    for done, part in enumerate(parts, start=1):
        if of > 1:
            told("exact values", done, of)
        if done == of:
            told.stop()
        yield part


def _records(part: pd.DataFrame) -> list[dict[str, Any]]:
    return json_format.loads(part.to_json(orient="records", double_precision=15))


def _kept_in(out: Path, parts: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """Writes a CSV file part by part: a link is followed; a pipe or a device is written through, never replaced.

    A file is there whole or, if the command is ended before, as it was.
    """
    from devices.record import written_whole

    through = out.exists() and not out.is_file()
    try:
        with out.open("wb") if through else written_whole(out.resolve()) as file:
            for number, part in enumerate(parts):
                file.write(part.to_csv(index=False, header=number == 0, lineterminator="\n").encode())
                yield part
    except OSError as error:
        raise RequestError(
            f"Argument `out` must be a file that can be written, but {out} cannot: {error.strerror}."
        ) from error


def _shortened(lines: Sequence[str]) -> list[str]:
    """What a terminal is told: not the extrema of hundreds of sweeps."""
    if len(lines) <= MOST_EXTREMA or not sys.stdout.isatty():
        return list(lines)
    return [*lines[:MOST_EXTREMA], f"{len(lines) - MOST_EXTREMA} more lines of extrema: --json"]


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


def _extremum_lines(extrema: Sequence[Mapping[str, Any]], points: Points, axis: str, swept: Sequence[str]) -> list[str]:
    """One line each, with a word where the sweep that was asked for does not reach."""
    import numpy as np

    others = [name for name in swept if name != axis]
    own = ~points.reference_only
    along = points.parameters[axis][own]
    kept = [points.parameters[name][own] for name in others]
    where, group = np.unique(np.stack([np.zeros(len(along)), *kept], axis=1), axis=0, return_inverse=True)
    first, last = np.full(len(where), np.inf), np.full(len(where), -np.inf)
    np.minimum.at(first, group.ravel(), along)
    np.maximum.at(last, group.ravel(), along)
    ends = {tuple(key[1:].tolist()): (low, high) for key, low, high in zip(where, first, last, strict=True)}
    return [
        _extremum_line(row, others) + _outside(row, axis, *ends[tuple(float(row[name]) for name in others)])
        for row in extrema
    ]


def _outside(row: Mapping[str, Any], axis: str, first: float, last: float) -> str:
    """Said of an extremum of the first period of continuous time where the sweep that was asked for does not reach."""
    rounding = 1e-9 * last
    if first == last or first - rounding <= row[axis] <= last + rounding:
        return ""
    return f"; outside the sweep, whose {axis}s are {first:.6g} to {last:.6g}"


def _print_pivot(parts: Iterable[pd.DataFrame], points: int, experiment: Experiment, swept: Sequence[str]) -> None:
    """A few columns a person wants, one line a point; of a long sweep its first and its last points."""
    import pandas as pd

    short = points <= MOST_POINTS
    ends, size = [], 0
    for part in parts:
        size += len(part)
        ends.append(part if short else part[(part["point"] < AT_ENDS) | (part["point"] >= points - AT_ENDS)])
    table = pd.concat(ends, ignore_index=True)
    wanted = _columns_to_show(experiment, table)
    keys = [name for name in table.columns if name in swept or name == "arm"]
    rows, title = (
        _pivot(table, keys, wanted),
        f"{experiment.name}: exact values (all {size} rows: --out FILE.csv or --json)",
    )
    if not short:
        rows.insert(len(rows) // 2, ("...",) * (len(keys) + len(wanted)))
        title += f"; {points - 2 * AT_ENDS} of {points} points between the first and the last {AT_ENDS} are left out"
    show_table(title, (*keys, *(f"{name} {subject}" for name, subject in wanted)), rows)


def _pivot(table: pd.DataFrame, keys: Sequence[str], wanted: Sequence[tuple[str, str]]) -> list[tuple[str, ...]]:
    """The cells as texts, one row a point and arm."""
    rows: list[tuple[str, ...]] = []
    for _, group in table.groupby(["point", *(["arm"] if "arm" in keys else [])], sort=True):
        head = [v if isinstance(v, str) else f"{v:.6g}" for v in (group[key].iloc[0] for key in keys)]
        cells = []
        for name, subject in wanted:
            hit = group[(group["observable"] == name) & (group["subject"] == subject)]["ideal"]
            cells.append(f"{hit.iloc[0]:.6f}" if len(hit) and math.isfinite(hit.iloc[0]) else "-")
        rows.append((*head, *cells))
    return rows


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
