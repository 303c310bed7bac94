"""From outcome counts of the slots of a job to the tidy rows of counts.csv (format: runs/README.md)."""

from __future__ import annotations

import json
import typing
from collections.abc import Hashable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from devices.model import Job, Plan
from devices.record import disk as _disk
from protocols import Array, Outcome, Points, Program, Setting
from protocols.collisions.ancillas import batches

if typing.TYPE_CHECKING:
    import pandas as pd

WORST_CONDITION = 100.0
"""Of a readout confusion: beyond, inverting it multiplies shot noise so much that nothing is left of the counts."""
MOST_MISSING = 0.01
"""Weight of the members that a setting may lack: the state is then known up to it."""
Tally = Mapping[str, int]
"""Outcome -> count; character i of an outcome is the bit of outcomes[i]."""


def store(job: Job, tallies: Sequence[Tally], run: Path) -> Path:
    """Puts the raw counts of a job on disk, one tally a slot, before anything else happens to them."""
    path = raw_path(run, job)
    _disk.write(path, json.dumps([dict(sorted(tally.items())) for tally in tallies]) + "\n")
    return path


def raw_path(run: Path, job: Job) -> Path:
    """Where the raw counts of a job are."""
    return run / "raw" / f"job-{job.index:03d}.json"


def load(raw: Path) -> list[Tally]:
    """The tallies that `store` wrote."""
    return json.loads(raw.read_text())


def rows(plan: Plan, job: Job, tallies: Sequence[Tally]) -> pd.DataFrame:
    """The rows of counts.csv of one job: one per slot and observed outcome."""
    import pandas as pd

    program = plan.program
    swept = swept_parameters(program.points, program.experiment.axis)
    found: list[dict[str, object]] = []
    for slot, tally in zip(job.slots, tallies, strict=True):
        block = program.blocks[slot.block]
        point = int(block.point[slot.block_row])
        calibration = bool(block.prepared)
        shared: dict[str, object] = {
            name: np.nan if calibration else float(program.points.parameters[name][point]) for name in swept
        }
        shared |= {
            "arm": block.setting.arm,
            "copy": 0,
            "pass": slot.pass_,
            "role": "calibration" if calibration else role(program.points, block.setting.arm, point),
            "member": block.setting.member,
            "weight": float(block.weight[slot.block_row]),
            "basis": "cal" if calibration else _letters(program, block.setting),
            "prepared": block.prepared,
        }
        if (number := batches(program.points)) > 1 and not calibration:
            shared["batch"] = block.setting.member % number
        for outcome, count in sorted(tally.items()):
            bits = {o.column: int(bit) for o, bit in zip(block.setting.outcomes, outcome, strict=True)}
            found.append({**shared, **bits, "count": int(count)})
    return pd.DataFrame(found, columns=columns(program))


def _letters(program: Program, setting: Setting) -> str:
    """One letter per column of the file, - where the setting does not read it."""
    read = {outcome.column: outcome.basis for outcome in setting.outcomes}
    return "".join(read.get(column, "-") for column in bit_columns(program))


def table(program: Program, frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The rows of all jobs as one table; bits that a row does not read stay empty.

    Rows are in the program's order of arms, points and settings, then by member and outcome, with the calibration
    last: whoever reads the file alone finds the orders by first appearance.
    """
    import pandas as pd

    rows = pd.concat(frames, ignore_index=True).astype(dict.fromkeys(bit_columns(program), "Int64"))
    return rows.iloc[_sorted(program, rows)].reset_index(drop=True)


def _sorted(program: Program, rows: pd.DataFrame) -> Array:
    """Indices of the rows in order; calibration rows keep the order they were measured in."""
    swept = swept_parameters(program.points, program.experiment.axis)
    points = zip(*(program.points.parameters[name].tolist() for name in swept), strict=True)
    measured = [block.setting for block in program.blocks if not block.prepared]
    bits = rows[bit_columns(program)].fillna(0).to_numpy(dtype=np.int64)
    place = (
        (rows["arm"], program.points.arms),
        (zip(*(rows[name].tolist() for name in swept), strict=True), points),
        (rows["basis"], (_letters(program, setting) for setting in measured)),
        (rows["member"], sorted(setting.member for setting in measured)),
        (bits @ (1 << np.arange(bits.shape[1])[::-1]), range(2 ** bits.shape[1])),
    )
    calibration = (rows["basis"] == "cal").to_numpy()
    keys = [_places(values, order) for values, order in place]
    keys += [rows[name].to_numpy(dtype=np.int64) for name in ("copy", "pass")]
    return np.lexsort([*(np.where(calibration, 0, key) for key in keys[::-1]), calibration])


def _places(values: Iterable[Hashable], order: Iterable[Hashable]) -> Array:
    """Index of each value in an order; -1 for what calibration rows leave empty."""
    places = {value: index for index, value in enumerate(dict.fromkeys(order))}
    return np.array([places.get(value, -1) for value in values])


def columns(program: Program) -> list[str]:
    """Columns of counts.csv, in order."""
    swept = swept_parameters(program.points, program.experiment.axis)
    batch = ["batch"] if batches(program.points) > 1 else []
    fixed = ["arm", "copy", "pass", "role", "member", *batch, "weight", "basis", "prepared"]
    return [*swept, *fixed, *bit_columns(program), "count"]


def bit_columns(program: Program) -> list[str]:
    """One column per named qubit (and moment) that is read: the system first, then the ancillas in time."""
    return list(bits_read(program))


def bits_read(program: Program) -> dict[str, Outcome]:
    """What each column of bits holds."""
    longest = sorted((b.setting.outcomes for b in program.blocks if not b.prepared), key=len, reverse=True)
    # templates of fewer collisions read the last ancilla earlier; the longest has them all in time; calibration reads
    # wires, whose names reads of the experiment may lack
    wires = {o.column: o for b in program.blocks if b.prepared for o in b.setting.outcomes}
    read = {o.column: o for outcomes in longest for o in outcomes}
    return read | {column: wire for column, wire in wires.items() if column not in read}


def swept_parameters(points: Points, axis: str) -> tuple[str, ...]:
    """The axis, and every other parameter that takes more than one value."""
    return tuple(name for name, values in points.parameters.items() if name == axis or len(np.unique(values)) > 1)


def role(points: Points, arm: str, point: int) -> str:
    """What a point is measured for: "control", "reference" or "point"."""
    if arm != "main":
        return "control"
    return "reference" if points.reference_only[point] else "point"
