"""The calibration at submission beside that at collection: which numbers of the qubits used changed in between.

A run sees the chip of some hour between the two. Lifetimes of superconducting qubits move by tens of percent within a
day, so only changes that would move a result are told: beyond a factor of 1.5 and, of an error, beyond a size.
"""

from __future__ import annotations

import json
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from devices.record import CALIBRATION, LATER_CALIBRATION

if typing.TYPE_CHECKING:
    from devices import RunRecord

FACTOR = 1.5
"""By which a number has changed at least, up or down, to be told."""
LEAST = {"readout error": 0.005, "two-qubit error": 0.001, "one-qubit error": 0.0005}
"""Change of an error below which nothing is told, whatever the factor."""
MOST = 8
"""Changes that are told one by one."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One number that changed."""

    kind: str
    """"T1", or one of `LEAST`."""
    where: str
    """"A (qubit 4)"."""
    before: float
    """[us] for T1."""
    after: float

    @property
    def text(self) -> str:
        """In words."""
        unit = " us" if self.kind == "T1" else ""
        return f"{self.kind} of {self.where} {self.before:.3g} -> {self.after:.3g}{unit}"


def calibration_in_words(record: RunRecord) -> str:
    """What the two calibrations of a run on hardware say; empty for any other run."""
    before = _stored(record, CALIBRATION)
    if before is None:
        return ""
    day = _time(before)
    after = _stored(record, LATER_CALIBRATION)
    if after is None:
        return f"of {day} at submission; that at collection was not obtained"
    if _time(after) == day:
        return f"of {day}, at submission and at collection"
    try:
        found = changes(record.start, before, after)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        # what a platform says of itself may take any form; no report fails by it
        return f"of {day} at submission; that at collection is in a form that is not known"
    said = f"of {day} at submission and of {_time(after)} at collection"
    if not found:
        return f"{said}; no T1, readout error or gate error of the qubits used changed beyond a factor of {FACTOR:g}"
    more = f", and {len(found) - MOST} more" if len(found) > MOST else ""
    listed = ", ".join(change.text for change in found[:MOST])
    return f"{said}; changed beyond a factor of {FACTOR:g}: {listed}{more}. The jobs ran on either, or between"


def changes(start: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Numbers of the qubits used that changed by more than `FACTOR`, the largest change first.

    Args:
        start: Content of start.json.
        before: Properties of the backend as the platform gives them, at submission.
        after: The same at collection.
    """
    then, now = dict(_numbers(start["device"], before)), dict(_numbers(start["device"], after))
    found = [
        Change(kind=kind, where=where, before=then[kind, where], after=value)
        for (kind, where), value in now.items()
        if (kind, where) in then and _told(kind, then[kind, where], value)
    ]
    return sorted(found, key=lambda one: -max(_ratio(one.before, one.after), _ratio(one.after, one.before)))


def _told(kind: str, before: float, after: float) -> bool:
    factor = max(_ratio(before, after), _ratio(after, before))
    return factor > FACTOR and abs(after - before) > LEAST.get(kind, 0.0)


def _ratio(one: float, other: float) -> float:
    return one / other if other > 0 else (float("inf") if one > 0 else 1.0)


def _numbers(device: Mapping[str, Any], properties: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], float]]:
    """(kind, where) -> value of everything that the run rests on: lifetimes [us], readout and gates of its circuits."""
    used = {name for template in device.get("circuits", ()) for name in template["gates"]}
    calibrated = device["calibration"].get("copies", [device["calibration"]])
    for copy, placement in enumerate(device["placements"]):
        wire = {qubit: name for name, qubit in placement["physical"].items()}
        name = {qubit: f"{own} (qubit {qubit})" for qubit, own in wire.items()}
        qubits = calibrated[copy].get("qubits", {}) if copy < len(calibrated) else {}
        swift = {qubit for qubit, own in wire.items() if "read_by" in qubits.get(own, {})}
        for qubit in wire:
            known = {one["name"]: one["value"] for one in properties["qubits"][qubit]}
            if known.get("T1"):
                yield ("T1", name[qubit]), float(known["T1"])
            if qubit not in swift and known.get("readout_error") is not None:
                yield ("readout error", name[qubit]), float(known["readout_error"])
        for gate in properties.get("gates", ()):
            error = next((p["value"] for p in gate["parameters"] if p["name"] == "gate_error"), None)
            if error is None or not set(gate["qubits"]) <= set(wire):
                continue
            where = " - ".join(name[qubit] for qubit in wire if qubit in gate["qubits"])
            if gate["gate"] == "measure_2" and gate["qubits"][0] in swift:
                yield ("readout error", where), float(error)
            elif gate["gate"] in used - {"measure", "measure_2"} and error:
                kind = "two-qubit error" if len(gate["qubits"]) == 2 else "one-qubit error"
                yield (kind, f"{gate['gate']} on {where}"), float(error)


def _stored(record: RunRecord, name: str) -> dict[str, Any] | None:
    """A calibration of the run, None where there is none that can be read."""
    content = record.content(name)
    try:
        found = None if content is None else json.loads(content)
        return found if isinstance(found, dict) and isinstance(found.get("qubits"), list) else None
    except ValueError:
        return None


def _time(properties: Mapping[str, Any]) -> str:
    """When it was made, to the minute."""
    return str(properties.get("last_update_date", "an unknown day")).replace("T", " ")[:16]
