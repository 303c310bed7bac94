"""A plan on disk: what another process, another day, needs to submit, collect and decode its jobs.

`plan.json` has the templates, `plan.npz` the numbers and the slots of every job; circuits are in
`circuits/executed.qpy`, everything else in start.json. Circuits, angles and weights are read, never computed again; of
the protocol only the name of its axis is asked for.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import typing
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from devices.errors import DamagedRun
from devices.model import Job, Placement, Plan, ResultAddress
from devices.record import disk as _disk
from devices.record.files import EXECUTED
from devices.record.record import RunRecord
from devices.record.stored_arrays import stored_arrays
from devices.record.writing import arrays
from protocols import Array, Block, Outcome, Program, Setting, load

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit

PLAN, NUMBERS = "plan.json", "plan.npz"
_SLOT = ("item", "row", "block", "block_row", "pass_", "shots", "copy")
"""Numbers of an address; those of one copy are kept without its number, as runs made before there were several."""


def plan_files(plan: Plan) -> dict[str, bytes | str]:
    """The files to write before the first submission, beside those of `start_files`."""
    blocks, numbers = [], {}
    for index, block in enumerate(plan.program.blocks):
        names, values = plan.executed_angles(index)
        blocks.append({"setting": asdict(block.setting), "prepared": block.prepared, "names": names})
        numbers |= {
            f"{index}_values": values,
            f"{index}_point": block.point,
            f"{index}_weight": block.weight,
            f"{index}_repeats": block.repeats,
        }
    for job in plan.jobs:
        kept = _SLOT if plan.copies > 1 else _SLOT[:-1]
        numbers[f"slots_{job.index}"] = np.array([[getattr(slot, name) for name in kept] for slot in job.slots])
    return {PLAN: json.dumps({"blocks": blocks}, ensure_ascii=False) + "\n", NUMBERS: arrays(numbers)}


def plan_digests(files: Mapping[str, bytes | str]) -> dict[str, str]:
    """sha256 of the files that a plan is read from, for start.json."""
    content = {name: files[name] for name in (PLAN, NUMBERS, EXECUTED) if name in files}
    return {
        name: hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()
        for name, text in content.items()
    }


def stored_plan(run: Path, start: Mapping[str, Any], *, circuits: bool = True) -> Plan:
    """The plan of a run, for collecting it: without exact probabilities, which are in ideal.npz.

    Args:
        run: Run directory.
        start: Content of its start.json; `plan` in it has the digest of each file that is read.
        circuits: Whether the executed circuits are asked for, which need qiskit; decoding does without.

    Returns:
        A plan to collect and decode by: its blocks have the angles [rad] of the executed circuits, and its experiment
        has default fields, for only the name of its axis is asked for.

    Raises:
        DamagedRun: If a file of it is missing, or not what was written: counts would go to the wrong points.
    """
    content = {name: _unchanged(run, name, digest) for name, digest in start["plan"].items()}
    numbers = stored_arrays(content[NUMBERS])
    blocks = [
        _block(entry, {name: numbers[f"{index}_{name}"] for name in ("values", "point", "weight", "repeats")})
        for index, entry in enumerate(json.loads(content[PLAN])["blocks"])
    ]
    program = Program(
        experiment=load(start["protocol"])(),
        points=RunRecord(run, start, {}).points,
        bases=tuple(start["bases"]),
        shots=start["shots"],
        calibration_shots=start["calibration_shots"],
        blocks=tuple(blocks),
        shots_per_row=start["quantum"],
        passes=start["passes"],
        alone=start.get("alone", 0),
    )
    device = start["device"]
    return Plan(
        program=program,
        placements=tuple(Placement(**placement) for placement in device["placements"]),
        jobs=tuple(_job(entry, numbers[f"slots_{entry['index']}"]) for entry in start["jobs"]),
        executed=_circuits(content[EXECUTED]) if circuits else (),
        calibration=device["calibration"],
        packing=device.get("copies", {}),
    )


def _unchanged(run: Path, name: str, digest: str) -> bytes:
    """A file that the plan is read from."""
    with contextlib.suppress(OSError):
        content = _disk.read(run / name)
        if _disk.digest(content) == digest:
            return content
    raise DamagedRun(f"{run} is damaged: {name} is missing or was changed. Restore it from a copy.")


def _block(entry: Mapping[str, Any], numbers: Mapping[str, Array]) -> Block:
    setting = entry["setting"]
    outcomes = tuple(Outcome(**outcome) for outcome in setting["outcomes"])
    structure = tuple((name, value) for name, value in setting["structure"])
    return Block(
        setting=Setting(arm=setting["arm"], member=setting["member"], structure=structure, outcomes=outcomes),
        build=_not_built,
        names=tuple(entry["names"]),
        values=numbers["values"],
        point=numbers["point"],
        weight=numbers["weight"],
        repeats=numbers["repeats"],
        expect=_not_expected,
        prepared=entry["prepared"],
    )


def _not_built() -> QuantumCircuit:
    raise AssertionError("a stored plan has the executed circuits only")


def _not_expected() -> Array:
    raise AssertionError("a stored plan has no exact probabilities; they are in ideal.npz")


def _job(entry: Mapping[str, Any], slots: Array) -> Job:
    own = tuple(ResultAddress(**dict(zip(_SLOT, row, strict=False))) for row in slots.tolist())
    return Job(index=entry["index"], seed=entry["seed"], slots=own, digest=entry["digest"])


def _circuits(content: bytes) -> tuple[QuantumCircuit, ...]:
    from qiskit import qpy

    return tuple(typing.cast("list[QuantumCircuit]", qpy.load(io.BytesIO(content))))
