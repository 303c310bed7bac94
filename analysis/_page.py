"""Sections of the report as plain data: the short table, the device and why its qubits, the circuits."""

from __future__ import annotations

import math
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis._verdict import pm
from protocols._units import Gap

if typing.TYPE_CHECKING:
    from analysis._analyse import Analysis

MOST_LINES = 200
LIMITED = {
    "concurrence",
    "negativity",
    "entanglement_of_formation",
    "discord",
    "geometric_discord",
    "mutual_information",
}
"""Quantities that cannot be negative: where their interval reaches zero, its upper end says all there is."""


def short_table(analysis: Analysis) -> dict[str, Any]:
    """What a reader wants first of the main arm, one line a point."""
    start, table = analysis.record.start, analysis.table
    a, b = start["qubits"]
    wanted = [("energy", a), ("energy", b), ("heat", a), ("heat", b), ("heat", a + b), ("energy_difference", a + b)]
    wanted += [("mutual_information", a + b), ("discord", a), ("concurrence", a + b), ("clausius_slack", a + b)]
    records: list[dict[Any, Any]] = table[table["role"].isin(("point", "reference"))].to_dict("records")
    rows = {(r["point"], r["observable"], r["subject"]): r for r in records}
    points = {r["point"]: r for r in records}
    units = {(r["observable"], r["subject"]): r["unit"] for r in records}
    shown = [key for key in wanted if key in units]
    swept = [name for name in table.columns if name in start["points"]["parameters"]]
    times, heats = _scales(start, swept)
    heats = heats if ("heat", a) in units else []
    lines = []
    for point, where in list(points.items())[:MOST_LINES]:
        line = [_known(where[name], 6) for name in swept] + [_known(where[name] * f, 5) for name, _, f in times]
        line += [cell(key[0], rows[point, *key]) if (point, *key) in rows else "" for key in shown]
        heat = rows.get((point, "heat", a))
        line += [compact(heat["value"] * f, heat["stderr"] * f) if heat else "" for _, _, f in heats]
        lines.append(line)
    head = [(name, "") for name in swept] + [(name, unit) for name, unit, _ in times]
    head += [(f"{key[0].replace('_', ' ')} {key[1]}", units[key].replace("1", "")) for key in shown]
    head += [(f"{name} {a}", unit) for name, unit, _ in heats]
    return {"head": head, "lines": lines, "left_out": max(0, len(points) - MOST_LINES)}


def cell(name: str, row: Any) -> str:
    """Value and error, or an upper limit where the interval of what cannot be negative touches zero."""
    if not math.isfinite(row["value"]):
        return "" if math.isnan(row["value"]) else f"{row['value']:+}"
    if name in LIMITED and row["low"] <= 0:
        return f"< {row['high']:.2g}" if row["high"] > 0 else "0"
    return compact(row["value"], row["stderr"])


def _known(value: float, digits: int) -> str:
    return "" if math.isnan(value) else f"{value:.{digits}g}"


def compact(value: float, stderr: float) -> str:
    """Value with the error of its last digits in brackets.

    Examples:
        >>> compact(0.26894, 0.00432), compact(-12.34, 3.0), compact(0.5, float("nan"))
        ('0.2689(43)', '-12.3(30)', '0.5')
    """
    shown, plus_minus, error = pm(value, stderr).partition(" +- ")
    digits = error.replace(".", "").lstrip("0")
    return f"{shown}({digits})" if plus_minus else shown


def _scales(start: Mapping[str, Any], swept: list[str]) -> tuple[list[tuple[str, str, float]], ...]:
    """Name, unit and factor of the columns in physical units, of the axis and of heat; none without a gap."""
    if not start.get("gap"):
        return [], []
    gap = Gap.parse(start["gap"])
    timed = start["axis"] in swept and "[hbar/gap]" in start["columns"].get(start["axis"], "")
    time, energy = gap.units("time")[0], gap.units("energy")[0]
    axis = [(start["axis"], time, gap.display(1.0, "time", time))] if timed else []
    return axis, [("heat", energy, gap.display(1.0, "energy", energy))]


def device(start: Mapping[str, Any]) -> dict[str, Any]:
    """The device, its qubits and what speaks for them."""
    found = start["device"]
    calibration = found["calibration"]
    return {
        "name": found["name"],
        "noisy": found["noisy"],
        "size": found.get("qubits"),
        "places": [
            {"wires": ", ".join(f"{w} = {q}" for w, q in p["physical"].items()), **_parts(p["score"], calibration)}
            for p in found["placements"]
            if p["physical"]
        ],
        "qubits": calibration.get("qubits", {}),
        "couplers": calibration.get("couplers", {}),
    }


def _parts(score: float, calibration: Mapping[str, Any]) -> dict[str, float]:
    """The score, and the two factors it is made of as far as the calibration tells them apart."""
    readout = math.prod(1 - (q["readout_error"] or 0.0) for q in calibration.get("qubits", {}).values())
    return {"score": score, "readout": readout, "gates": score / readout if readout else math.nan}


def circuits(analysis: Analysis) -> dict[str, Any]:
    """Sizes of every template as written and as executed, and the drawings."""
    run: Path = analysis.record.path
    drawings = {
        title: (run / "circuits" / f"{name}.txt").read_text()
        for name, title in (("virtual", "as written"), ("executed", "as executed"))
        if (run / "circuits" / f"{name}.txt").exists()
    }
    sizes = [
        {**one, "written": one.get("written", {}), "listed": _listed(one.get("gates", {}))}
        for one in analysis.record.start["device"]["circuits"]
    ]
    return {"sizes": sizes, "drawings": drawings}


def _listed(gates: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in gates.items())
