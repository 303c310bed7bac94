"""What the commands say of the catalogue, a prediction, an analysis, a run and all runs."""

from __future__ import annotations

import json
import math
import sys
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hotward.terminal import emit
from hotward.terminal import table as show_table
from protocols import Experiment, RequestError, load, names

if typing.TYPE_CHECKING:
    import pandas as pd

    from analysis import Analysis
    from analysis.report.compare import Comparison

UNVERIFIED = "not verified against the paper's text"


def catalogue(as_json: bool) -> None:
    """Protocols and devices."""
    import devices

    if as_json:
        emit({"protocols": [_described(name) for name in names()], "devices": list(devices.names())})
        return
    for name in names():
        described = _described(name)
        rows = [
            (
                p["name"],
                p["automatic"] or ("-" if p["default"] is None else str(p["default"])),
                p["unit"] if p["unit"] != "quantity" else "-",
                p["domain"],
                p["meaning"],
            )
            for p in described["parameters"]
        ]
        show_table(f"{name}: parameters", ("name", "default", "unit", "domain", "meaning"), rows)
        presets = [
            (
                key,
                ", ".join(f"{k}={v}" for k, v in preset["values"].items()) or "the defaults",
                preset["source"] + ("" if preset["verified"] else f" [{UNVERIFIED}]"),
            )
            for key, preset in described["presets"].items()
        ]
        show_table(f"{name}: presets", ("name", "values", "where the numbers come from"), presets)
        words = {"bases": described["bases"], **described["options"], "control": ["off", *described["controls"]]}
        chosen = [(f"--{key}", ", ".join(known)) for key, known in words.items()]
        show_table(f"{name}: options", ("option", "one of"), chosen)
    said = {
        "exact": "samples exact outcome probabilities; no qiskit; exact:white=0.02 mixes in 2 % white noise",
        "aer": "Aer simulator without noise",
    }
    stored = "Aer with the stored calibration of this device"
    rows = [(name, said.get(name, stored)) for name in devices.names()]
    rows.append(("ibm:NAME", "a backend of your IBM account; hotward backends lists them"))
    show_table("devices", ("name", "what it is"), rows)


def _described(name: str) -> dict[str, Any]:
    """A protocol as plain data."""
    from protocols.program.parameters import parameters

    protocol = load(name)
    return {
        "protocol": name,
        "parameters": [
            {
                "name": p.name,
                "default": p.default,
                "automatic": p.automatic,
                "unit": p.unit,
                "domain": p.domain,
                "meaning": p.meaning,
            }
            for p in parameters(protocol)
        ],
        "presets": {
            key: {"values": dict(preset.values), "source": preset.source, "verified": preset.verified}
            for key, preset in protocol.presets.items()
        },
        "controls": list(protocol.controls),
        "bases": {key: list(words) for key, words in protocol().measurements.items()},
        "options": {key: list(words) for key, words in protocol.offers.items()},
    }


def prediction(
    experiment: Experiment,
    options: Mapping[str, str],
    provenance: Mapping[str, Any],
    out: Path | None,
    as_json: bool,
) -> None:
    """The exact table and the extrema."""
    from analysis import predict
    from devices.record import disk as _disk
    from devices.record.counts import swept_parameters

    table = predict(experiment, options)
    points = experiment.points(options)
    swept = swept_parameters(points, experiment.axis)
    extrema = [_with_units(row, experiment) for row in experiment.extrema(points)]
    warning = "" if provenance["verified"] else f"{UNVERIFIED}: {provenance['source']}"
    if out is not None:
        text = table.to_csv(index=False, lineterminator="\n")
        try:
            # a link is followed; a pipe or a device is written through, never replaced
            if out.exists() and not out.is_file():
                out.write_text(text)
            else:
                _disk.write(out.resolve(), text)
        except OSError as error:
            raise RequestError(
                f"Argument `out` must be a file that can be written, but {out} cannot: {error.strerror}."
            ) from error
    if as_json:
        rows = json.loads(table.to_json(orient="records", double_precision=15))
        named = {"protocol": experiment.name, **provenance, "options": dict(options)}
        emit({**named, "extrema": extrema, "table": rows})
        return
    others = [name for name in swept if name != experiment.axis]
    lines = [_extremum(row, others) for row in extrema]
    if warning:
        lines.insert(0, f"inputs {warning}")
    if out is not None:
        print("\n".join([*lines, str(out)]))
    elif sys.stdout.isatty():
        _pivot(table, experiment, swept)
        print("\n".join(lines))
    else:
        # still one CSV for a reader that skips comments
        print(table.to_csv(index=False, lineterminator="\n"), end="")
        print("".join(f"# {line}\n" for line in lines), end="")


def analysis(result: Analysis, derived: Path, as_json: bool, last: Path) -> None:
    """Verdict and where things are; the last line is the path asked for."""
    start = result.record.start
    if as_json:
        emit(
            {
                "run": str(result.record.path),
                "headline": result.headline,
                "warnings": list(result.warnings),
                "error_scale": None if result.scale is None else result.scale.factor,
                "verdicts": [verdict.as_dict() for verdict in result.verdicts],
                "assumption": result.assumption,
                "readout_corrected": result.readout_corrected,
                "draws": result.methods.draws,
                "table": str(derived / "table.csv"),
                "figure": str(derived / "energies.png"),
                "report": str(derived / "report.html"),
            }
        )
        return
    if start.get("imported"):
        print("\n".join(_imported(result)))
    else:
        placed = [", ".join(f"{w} = {q}" for w, q in p["physical"].items()) for p in start["device"]["placements"]]
        where = f" (qubits {'; '.join(placed)})" if placed and start["device"]["noisy"] else ""
        print(f"{start['protocol']} on {start['device']['name']}{where}, {start['shots']} shots, seed {start['seed']}")
    for note in start["notes"]:
        print(f"note: {note}")
    if not start.get("verified", True):
        print(f"note: inputs of preset {start['preset']} are {UNVERIFIED}")
    _verdicts(result.headline, [verdict.as_dict() for verdict in result.verdicts], result.warnings)
    print(f"report: {derived / 'report.html'}")
    print(f"figure: {derived / 'energies.png'}")
    print(f"table:  {derived / 'table.csv'}")
    print(last)


def _imported(result: Analysis) -> list[str]:
    """What was read of an imported file, and what its settings leave to assume."""
    from analysis.report.write import ASSUMPTIONS

    start = result.record.start
    read, arms = start["imported"], start["arms"]
    low, high = read["shots"]
    points = len(start["points"]["added"])
    carried = f"carried out as {start['protocol']}" if start["protocol"] else "no protocol given"
    sizes = f"{_several(read['rows'], 'row')}, {_several(points, 'point')}, {_several(len(arms), 'arm')}"
    sizes += f" ({', '.join(arms)})"
    if start.get("words"):
        measured = f"{len(start['words'])} Pauli words ({', '.join(start['words'])})"
    else:
        shots = f"{low}" if low == high else f"{low} to {high}"
        measured = f"{_several(read['members'], 'member')}, {_several(len(start['bases']), 'setting')} "
        measured += f"({', '.join(start['bases'])}), "
        measured += f"{shots} shots per setting and point"
        if start["calibration_shots"]:
            measured += f", readout calibration with {start['calibration_shots']} shots a pattern"
    return [
        f"import of {read['file']}, {carried}",
        f"read: {sizes}, {measured}",
        f"assumed: {ASSUMPTIONS[result.assumption]}",
    ]


def without_interval(result: Analysis, intervals: Mapping[str, str]) -> list[str]:
    """Where an interval that was asked for does not exist."""
    lines = []
    for name, method in intervals.items():
        rows = result.table[(result.table["observable"] == name) & (result.table["interval"] == method)]
        empty = int(rows["low"].isna().sum())
        if empty:
            lines.append(
                f"warning: no {method} interval of {name} in {empty} of {len(rows)} rows: the estimates are too near "
                "the boundary of state space. The other methods have one."
            )
    return lines


def _several(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("s" if number != 1 else "")


def comparison(result: Comparison, out: Path, as_json: bool) -> None:
    """The headline of every run, and where figure and table are."""
    said = list(zip(result.names, result.labels, (a.headline for a in result.analyses), strict=True))
    if as_json:
        verdicts = [[verdict.as_dict() for verdict in compared.verdicts] for compared in result.analyses]
        rows = [
            {"run": name, "label": label, "headline": headline, "warnings": list(compared.warnings), "verdicts": found}
            for (name, label, headline), found, compared in zip(said, verdicts, result.analyses, strict=True)
        ]
        places = {"out": out, "table": out / "table.csv", "figure": out / "compare.png"}
        emit({**{key: str(path) for key, path in places.items()}, "runs": rows})
        return
    for (name, label, headline), compared in zip(said, result.analyses, strict=True):
        print(f"{label}: {headline}" + ("" if label == name else f" ({name})"))
        for warning in compared.warnings:
            print(f"  warning: {warning}")
    print(f"figure: {out / 'compare.png'}")
    print(f"table:  {out / 'table.csv'}")
    print(out)


def one(path: Path, as_json: bool) -> None:
    """One run; a directory that is none is an error."""
    from devices import ForeignRun, status

    state, sentence = status(path)
    if state == "foreign":
        raise ForeignRun(sentence)
    about = _about(path)
    if as_json:
        emit({"run": str(path), "status": state, "says": sentence, **about})
        return
    print(f"{state}: {sentence}" if state == "done" else sentence)
    for key in ("protocol", "device", "created", "shots", "seed", "command"):
        if about.get(key) is not None:
            print(f"{key}: {about[key]}")
    for note in about.get("notes", ()):
        print(f"note: {note}")
    _verdicts(about.get("headline", ""), about.get("verdicts", ()), about.get("warnings", ()))
    if about and state == "done" and not about["headline"]:
        print(f"not analysed: hotward analyse {path}")


def all_runs(runs: Path, as_json: bool) -> None:
    """All runs, newest first."""
    from devices import status

    if not runs.is_dir():
        raise RequestError(f"Argument `runs` must be a directory, but {runs} is not. hotward run makes it.")
    rows = []
    found = {path: _about(path) for path in runs.iterdir() if path.is_dir() and not _holds_none(path)}
    for path in sorted(found, key=lambda path: (str(found[path].get("created", "")), path.name), reverse=True):
        state, sentence = status(path)
        about = found[path]
        headline = about["headline"] or "not analysed" if state == "done" else sentence
        rows.append({"run": path.name, "status": state, "device": about.get("device", ""), "says": headline})
    if as_json:
        emit({"runs": rows})
        return
    if not rows:
        print(f"no runs in {runs}")
        return
    keys = ("run", "status", "device", "says")
    show_table(f"runs in {runs}", keys, [tuple(str(row[key]) for key in keys) for row in rows])


def _holds_none(path: Path) -> bool:
    """Whether a directory is what hotward compare, plan or reproduce leaves beside the runs."""
    from devices.record.record import COMPARISON, PLAN, REPRODUCTION

    return path.name.startswith((COMPARISON, PLAN, REPRODUCTION)) and not (path / "start.json").exists()


def _about(path: Path) -> dict[str, Any]:
    """What is readable of a run, whatever its state."""
    try:
        start = json.loads((path / "start.json").read_text())
        about = {key: start.get(key) for key in ("protocol", "created", "shots", "seed", "command", "notes")}
        about["device"] = start["device"]["name"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    try:
        stored = json.loads((path / "derived" / "verdict.json").read_text())
        if not all(isinstance(text, str) for v in stored["verdicts"] for text in (v["headline"], *v["details"])):
            raise TypeError
        warnings = [str(text) for text in stored.get("warnings", ())]  # verdicts of older versions have none
        return {**about, "headline": str(stored["headline"]), "warnings": warnings, "verdicts": stored["verdicts"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {**about, "headline": "", "warnings": [], "verdicts": []}


def _verdicts(headline: str, verdicts: Sequence[Mapping[str, Any]], warnings: Sequence[str]) -> None:
    if len(verdicts) > 1:
        print(headline)
    for verdict in verdicts:
        print(verdict["headline"])
        for detail in verdict["details"]:
            print(f"  - {detail}")
    for warning in warnings:
        print(f"warning: {warning}")


def _with_units(row: Mapping[str, Any], experiment: Experiment) -> dict[str, Any]:
    """Adds the physical value of an extremum where the protocol's gap is known."""
    from protocols.program.units import Gap

    text = getattr(experiment, "gap", None)
    if text is None:
        return dict(row)
    gap = Gap.parse(text)
    energies = {unit: gap.display(row["value"], "energy", unit) for unit in gap.units("energy")}
    times = {unit: gap.display(row["time"], "time", unit) for unit in gap.units("time")}
    return {**row, "physical_value": energies, "physical_time": times}


def _extremum(row: Mapping[str, Any], others: Sequence[str]) -> str:
    where = "".join(f", {name} = {row[name]:.6g}" for name in others)
    arm = "" if row["arm"] == "main" else f" ({row['arm']})"
    text = f"{row['kind']} of {row['observable']} {row['subject']}{arm}: {row['value']:.6f} {row['unit']} "
    text += f"at time {row['time']:.6f}{where}"
    if "physical_value" in row:
        energy = next(iter(row["physical_value"].items()))
        time = next(iter(row["physical_time"].items()))
        text += f" ({energy[1]:.5f} {energy[0]} at {time[1]:.4f} {time[0]})"
    return text


def _pivot(table: pd.DataFrame, experiment: Experiment, swept: Sequence[str]) -> None:
    """A few columns a person wants, one line a point."""
    wanted = _wanted(experiment)
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


def _wanted(experiment: Experiment) -> list[tuple[str, str]]:
    """Observables and subjects that a person wants first."""
    both = experiment.system
    if experiment.sides == experiment.qubits:
        wanted = [(name, q) for name in ("energy", "heat") for q in experiment.qubits]
        return wanted + [(name, both) for name in ("energy_difference", "mutual_information", "concurrence")]
    sides = [("heat", side) for side in experiment.sides or ()]
    own = [(o.name, o.subject) for o in experiment.observables(experiment.points()) if not o.theory]
    return list(dict.fromkeys([*sides, *own]))[:8]
