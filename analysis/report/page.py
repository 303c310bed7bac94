"""Sections of the report as plain data: the short table, the device and why its qubits, the circuits."""

from __future__ import annotations

import math
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from analysis.estimate_arrays import Estimated
from analysis.verdict import numbered, pm
from devices.record import DRAWINGS, PlatformJob, ledger_of, readable_lines, remote
from protocols.collisions import PREPARATIONS
from protocols.units import Gap

if typing.TYPE_CHECKING:
    from analysis.result import Analysis
    from devices import RunRecord

MOST_LINES = 200
MOST_COLUMNS = 14
GAINS = ("heat", "energy_change")
"""What a subject gained since the reference."""
COUNTED = ("collisions", "rounds", "cycles")
"""What in a template's structure says how often ancillas are met."""
WAYS: Mapping[str, Callable[[int], str]] = {
    "reset": lambda chosen: "one ancilla wire, reset" if chosen else "fresh ancilla wires",
    "preparation": lambda chosen: f"{PREPARATIONS[chosen]} preparation",
    "batches": lambda chosen: f"{chosen} batches" if chosen > 1 else "",
    "measured": lambda chosen: "feedback on what is read" if chosen else "",
}
"""What the other numbers in it stand for."""
OF_ANCILLAS = ("reset", "preparation", "batches")
"""Those that say nothing of a system without ancillas."""


def short_table(analysis: Analysis) -> dict[str, Any]:
    """What a reader wants first of the main arm, one line a point."""
    found, start, shown = analysis.estimates, analysis.record.start, _shown(analysis)
    points = range(len(found.points))
    times, heats = _scales(start, found.swept)
    gain, gaining = next((one for one in _wanted(analysis) if one[0] in GAINS), ("", ""))
    heat = found.quantities.get((gain, gaining))
    heats = heats if heat else []
    lines = []
    for point in points[:MOST_LINES]:
        where = {name: float(found.points.parameters[name][point]) for name in found.swept}
        line = [_known(value, 6) for value in where.values()] + [_known(where[name] * f, 5) for name, _, f in times]
        own = found.points.reference[point] == point
        line += [_shown_at(one, point, own=own) for one in shown]
        if heat and own:
            line += ["0" for _ in heats]
        elif heat:
            line += [compact(heat.value[0, point] * f, heat.stderr[0, point] * f) for _, f in heats]
        lines.append(line)
    head = [(name, "") for name in found.swept] + [(name, unit) for name, unit, _ in times]
    head += [
        (f"{o.name.replace('_', ' ')} {o.subject}", o.unit.replace("1", "")) for o in (s.observable for s in shown)
    ]
    head += [(f"{gain.replace('_', ' ')} {gaining}", unit) for unit, _ in heats]
    return {"head": head, "lines": lines, "left_out": max(0, len(points) - MOST_LINES)}


def _shown(analysis: Analysis) -> list[Estimated]:
    """The quantities of the short table, as far as they were found."""
    found = analysis.estimates.quantities
    return [found[key] for key in shown_quantities(analysis) if key in found]


def shown_quantities(analysis: Analysis) -> list[tuple[str, str]]:
    """Observables and subjects that a reader wants first, as far as they were found: no more than fit on a line.

    Args:
        analysis: What a run says.
    """
    return [key for key in _wanted(analysis) if key in analysis.estimates.quantities][:MOST_COLUMNS]


def _shown_at(one: Estimated, point: int, *, own: bool) -> str:
    """A cell of the short table; what compares a point with itself is 0 by definition, which has no error to quote."""
    if own and one.observable.reference and one.value[0, point] == 0:
        return "0"
    return cell(_numbers(one, point), one.observable.bounds)


def _numbers(one: Estimated, point: int) -> dict[str, float]:
    """Value, error and interval at a point of the main arm."""
    return {name: float(getattr(one, name)[0, point]) for name in ("value", "stderr", "low", "high")}


def _wanted(analysis: Analysis) -> list[tuple[str, str]]:
    """Energies, what was gained of them, what the protocol is about, correlations."""
    qubits, both, sides = analysis.record.start["qubits"], analysis.record.system, analysis.sides
    subjects = dict.fromkeys(o.subject for o in analysis.observables if o.name == "energy")
    wanted = [("energy", subject) for subject in subjects]
    gain_of = analysis.estimates.gain_of
    wanted += [(gain_of(side), side) for side in sides or (o.subject for o in analysis.observables if o.name in GAINS)]
    if sides:
        wanted += [(gain_of("".join(sides)), "".join(sides)), ("energy_difference", "".join(sides))]
    if not analysis.closed:
        wanted += [(o.name, o.subject) for o in analysis.own if not o.theory]
    if len(qubits) == 2:
        wanted += [("mutual_information", both), ("discord", qubits[0]), ("concurrence", both)]
        wanted += [("clausius_slack", both)] if analysis.closed else []
    return list(dict.fromkeys(wanted))


def cell(row: Mapping[str, float], bounds: tuple[float, float]) -> str:
    """Value and error of a row of the table, or a limit where its interval touches what the quantity can be.

    Args:
        row: Columns value, stderr, low and high.
        bounds: What the quantity can be at all.
    """
    text = numbered(row["value"], row["stderr"], row["low"], row["high"], bounds)
    limited = text[:1] in ("<", ">", "n") or ".." in text
    return compact(row["value"], row["stderr"]) if math.isfinite(row["value"]) and not limited else text


def _known(value: float, digits: int) -> str:
    return "" if math.isnan(value) else f"{value:.{digits}g}"


def compact(value: float, stderr: float) -> str:
    """Value with the error of its last digits in brackets.

    Args:
        value: Estimate.
        stderr: Its standard error, to two digits of which both are rounded.

    Examples:
        >>> compact(0.26894, 0.00432), compact(-12.34, 3.0), compact(0.5, float("nan"))
        ('0.2689(43)', '-12.3(30)', '0.5')
    """
    shown, plus_minus, error = pm(value, stderr).partition(" +- ")
    digits = error.replace(".", "").lstrip("0")
    return f"{shown}({digits})" if plus_minus else shown


def _scales(
    start: Mapping[str, Any], swept: Sequence[str]
) -> tuple[list[tuple[str, str, float]], list[tuple[str, float]]]:
    """Columns in physical units: name, unit and factor of the axis; unit and factor of heat; none without a gap."""
    if not start.get("gap"):
        return [], []
    gap = Gap.parse(start["gap"])
    timed = start["axis"] in swept and "[hbar/gap" in start["columns"].get(start["axis"], "")
    time, energy = gap.units("time")[0], gap.units("energy")[0]
    axis = [(start["axis"], time, gap.display(1.0, "time", time))] if timed else []
    return axis, [(energy, gap.display(1.0, "energy", energy))]


def device(start: Mapping[str, Any]) -> dict[str, Any]:
    """The device, its qubits and what speaks for them; of several copies, those of the first."""
    found = start["device"]
    calibration = found["calibration"]
    placed = [place for place in found["placements"] if place["physical"]]
    return {
        "name": found["name"],
        "noisy": found["noisy"],
        "hardware": found.get("method") == "hardware",
        "size": found.get("qubits"),
        "calibrated": found.get("calibrated", ""),
        "idling": found.get("idling", ""),
        "copies": len(placed),
        "places": [
            {"wires": wires(p["physical"]), "score": p["score"], **_explained(p["score"], calibration)}
            for p in placed[:1]
        ],
        "qubits": calibration.get("qubits", {}),
        "couplers": calibration.get("couplers", {}),
    }


def _explained(score: float, calibration: Mapping[str, Any]) -> dict[str, Any]:
    """The factors of the score, largest loss first, and the best of the other places, as far as they were recorded."""
    known = calibration.get("score")
    if not known or "gates" not in known:
        readout = math.prod(1 - (q["readout_error"] or 0.0) for q in calibration.get("qubits", {}).values())
        left = "two-qubit gates, and relaxation with 1/T1 + 1/T2 while they last"
        factors = [(readout, "readout of the chosen qubits"), (score / readout if readout else math.nan, left)]
        return {"factors": factors, "named": False, "examined": None, "runner_up": None}
    factors = [(f["factor"], f"{f['gates']} gates on {pair}") for pair, f in known["gates"].items()]
    factors += [(f["factor"], f"readout of {wire}") for wire, f in known["readout"].items()]
    busy = known["relaxation"]["busy_seconds"]
    factors.append((known["relaxation"]["factor"], f"relaxation in {busy * 1e6:.3g} µs of two-qubit gates"))
    other = known["runner_up"]
    return {
        "factors": sorted(factors),
        "named": known["named"],
        "examined": known["examined"],
        "runner_up": other and {"wires": wires(other["physical"]), "score": other["score"]},
    }


def wires(physical: Mapping[str, int]) -> str:
    """Which wire is on which qubit.

    Args:
        physical: Name of a wire -> number of its qubit.

    Examples:
        >>> wires({"A": 3, "B": 5})
        'A = 3, B = 5'
    """
    return ", ".join(f"{wire} = {qubit}" for wire, qubit in physical.items())


def platform_jobs(record: RunRecord) -> tuple[PlatformJob, ...]:
    """Every job that the journal knows, in the order they were submitted; none for a simulator."""
    return ledger_of(readable_lines(record.path)).platform_jobs if remote(record.start) else ()


def circuits(analysis: Analysis) -> dict[str, Any]:
    """Sizes of every template as written and as executed, and the drawings."""
    titles = zip(DRAWINGS, ("as written", "as executed"), strict=True)
    drawings = {title: drawn.decode() for name, title in titles if (drawn := analysis.record.content(name)) is not None}
    bits = [column for columns in analysis.record.registers.values() for column in columns]
    structured, ancillas = bool(bits), any(not column.get("as_read") for column in bits)
    sizes = [_sized(one, ancillas=ancillas) for one in analysis.record.start["device"]["circuits"]]
    groups: dict[Any, list[dict[str, Any]]] = {}
    for one in sizes:
        # members with as many entangling gates share a line, for an ensemble of ancillas has hundreds
        size = tuple(of.get(name) for of in (one, one["written"]) for name in ("two_qubit_gates", "two_qubit_depth"))
        groups.setdefault((one["arm"], one["structure"], *size) if structured else len(groups), []).append(one)
    return {
        "sizes": [
            {**max(same, key=lambda one: one["depth"]), "members": _ranges([one["member"] for one in same])}
            for same in groups.values()
        ],
        "drawings": drawings,
        "structured": structured,
    }


def _sized(one: Mapping[str, Any], *, ancillas: bool) -> dict[str, Any]:
    """A template with its structure in words, and its two-qubit gates per collision."""
    known = one.get("structure", {})
    structure = {name: value for name, value in known.items() if ancillas or name not in OF_ANCILLAS}
    counted = next((name for name in COUNTED if name in structure), "")
    number = structure.get(counted, 0)
    each = one["two_qubit_gates"] / number if number else None
    said = [f"{number} {counted if number != 1 else counted.removesuffix('s')}"] if counted else []
    said += [WAYS[name](value) for name, value in structure.items() if name in WAYS]
    said += [f"{k.replace('_', ' ')} {v}" for k, v in structure.items() if k != counted and k not in WAYS]
    return {
        **one,
        "written": one.get("written", {}),
        "listed": _listed(one.get("gates", {})),
        "structure": ", ".join(filter(None, said)),
        "each": "" if each is None else f"{each:.4g}",
    }


def _ranges(members: Sequence[int]) -> str:
    """0, 1, 2, 5 -> "0-2, 5"."""
    found: list[list[int]] = []
    for member in sorted(members):
        if found and member == found[-1][-1] + 1:
            found[-1].append(member)
        else:
            found.append([member])
    return ", ".join(f"{run[0]}" if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in found)


def _listed(gates: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in gates.items())
