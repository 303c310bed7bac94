"""From outcome counts of the slots of a job to the tidy rows of counts.csv (format: runs/README.md)."""

from __future__ import annotations

import json
import typing
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from devices.model import Job, Piece, Plan, ResultAddress
from devices.record import disk as _disk
from devices.record.files import raw_name
from protocols import Array, Block, Outcome, Points, Program, Setting
from protocols.collisions import batches

if typing.TYPE_CHECKING:
    import pandas as pd

WORST_CONDITION = 100.0
"""Of a readout confusion: beyond, inverting it multiplies shot noise so much that nothing is left of the counts."""
MOST_MISSING = 0.01
"""Weight of the members that a setting may lack: the state is then known up to it."""
SHARED = ("arm", "role", "member", "weight", "basis", "prepared")
"""Columns of counts.csv that all outcomes of a row of a block share, beside its point."""
ALONE = "alone"
"""Column of counts.csv: 1 in rows of a copy that ran while all others idled; absent where none did."""
Tally = Mapping[str, int]
"""Outcome -> count; character i of an outcome is the bit of outcomes[i]."""


def store(job: Job, tallies: Sequence[Tally], run: Path) -> Path:
    """Puts the raw counts of a job on disk, one tally a slot, before anything else happens to them.

    Args:
        job: What was run.
        tallies: Of each of its slots, in their order.
        run: Run directory; its folder raw/ is there.

    Returns:
        The file.
    """
    path = raw_path(run, job)
    _disk.write(path, json.dumps([dict(sorted(tally.items())) for tally in tallies]) + "\n")
    return path


def joined(job: Job, found: Mapping[Piece, Sequence[Tally]]) -> list[Tally]:
    """The tallies of a job, one a slot: those of all calls that have a part of its shots.

    Args:
        job: What was measured.
        found: Tallies of the slots of each of its pieces.

    Examples:
        >>> job = Job(index=0, seed=0, slots=(), digest="")
        >>> calls = [Piece(job=0, call=call, first=0, end=1) for call in (0, 1)]
        >>> joined(job, {calls[0]: [{"0": 5, "1": 3}], calls[1]: [{"1": 4}]})
        [{'0': 5, '1': 7}]
    """
    total: dict[int, Counter[str]] = {}
    for piece in sorted(found):
        for place, tally in enumerate(found[piece], piece.first):
            total.setdefault(place, Counter()).update(tally)
    return [dict(total[place]) for place in sorted(total)]


def raw_path(run: Path, job: Job) -> Path:
    """Where the raw counts of a job are.

    Args:
        run: Run directory.
        job: Which.

    Examples:
        >>> raw_path(Path("run"), Job(index=7, seed=0, slots=(), digest="")).as_posix()
        'run/raw/job-007.json'
    """
    return run / raw_name(job.index)


def load(raw: bytes) -> list[Tally]:
    """The tallies of the file that `store` wrote."""
    return json.loads(raw)


def rows(plan: Plan, job: Job, tallies: Sequence[Tally]) -> pd.DataFrame:
    """The rows of counts.csv of one job: one per slot and observed outcome, outcomes in order.

    Args:
        plan: What was measured.
        job: The job; its slots say what each tally is of.
        tallies: One a slot.
    """
    import pandas as pd

    program = plan.program
    read, swept = bit_columns(program), swept_parameters(program.points, program.experiment.axis)
    shared = {
        index: _shared_values(program, program.blocks[index], swept, read)
        for index in dict.fromkeys(slot.block for slot in job.slots)
    }
    ordered = [sorted(tally.items()) for tally in tallies]
    each = ((*shared[s.block][s.block_row], s.copy, s.pass_, *_alone(program, s)) for s in job.slots)
    values = zip(*each, strict=True)
    names = [*swept, *SHARED, *_batch_column(program), "copy", "pass", *_alone_column(program)]
    by_slot = pd.DataFrame(dict(zip(names, map(list, values), strict=True)))
    sizes = [len(outcomes) for outcomes in ordered]
    found = by_slot.take(np.repeat(np.arange(len(sizes)), sizes)).reset_index(drop=True)
    for name, column in _bits(plan.program, job, ordered, read).items():
        found[name] = column
    found["count"] = [int(count) for outcomes in ordered for _, count in outcomes]
    return found[columns(plan.program)]


def _shared_values(
    program: Program, block: Block, swept: Sequence[str], read: Sequence[str]
) -> list[tuple[object, ...]]:
    """What all outcomes of a row of a block share, by row: swept parameters, `SHARED`, the batch if there is one."""
    points, setting, calibration = program.points, block.setting, bool(block.prepared)
    basis = "cal" if calibration else _letters(setting, read)
    number = batches(points)
    batch = [] if number <= 1 else [np.nan if calibration else setting.member % number]
    found = []
    for point, weight in zip(block.point.tolist(), block.weight.tolist(), strict=True):
        where = [np.nan if calibration else float(points.parameters[name][point]) for name in swept]
        kind = "calibration" if calibration else role(points, setting.arm, point)
        found.append((*where, setting.arm, kind, setting.member, weight, basis, block.prepared, *batch))
    return found


def _batch_column(program: Program) -> list[str]:
    return ["batch"] if batches(program.points) > 1 else []


def _alone_column(program: Program) -> list[str]:
    return [ALONE] if program.alone else []


def _alone(program: Program, slot: ResultAddress) -> list[int]:
    """Passes in which copies run alone come after all others; calibration rows have the numbers of its rounds."""
    return [int(slot.pass_ >= program.passes and not program.blocks[slot.block].prepared)] if program.alone else []


def _letters(setting: Setting, read: Sequence[str]) -> str:
    """One letter per column of bits, - where the setting does not read it."""
    letters = {outcome.column: outcome.basis for outcome in setting.outcomes}
    return "".join(letters.get(column, "-") for column in read)


def _bits(
    program: Program, job: Job, ordered: Sequence[Sequence[tuple[str, int]]], read: Sequence[str]
) -> dict[str, pd.api.extensions.ExtensionArray]:
    """Columns of bits, empty where a row does not read them; all rows that read the same columns at once."""
    import pandas as pd

    kinds: dict[tuple[str, ...], int] = {}
    kind_of = {
        index: kinds.setdefault(tuple(o.column for o in program.blocks[index].setting.outcomes), len(kinds))
        for index in dict.fromkeys(slot.block for slot in job.slots)
    }
    kind = np.array([kind_of[slot.block] for slot in job.slots])
    of_row = np.repeat(kind, [len(outcomes) for outcomes in ordered])
    bits = np.zeros((len(of_row), len(read)), dtype=np.int64)
    absent = np.ones(bits.shape, dtype=bool)
    for columns_read, number in kinds.items():
        text = "".join([outcome for slot in np.flatnonzero(kind == number).tolist() for outcome, _ in ordered[slot]])
        at = np.ix_(np.flatnonzero(of_row == number), np.array([read.index(name) for name in columns_read]))
        bits[at] = (np.frombuffer(text.encode(), dtype=np.uint8) - ord("0")).reshape(-1, len(columns_read))
        absent[at] = False
    return {name: pd.arrays.IntegerArray(bits[:, i].copy(), absent[:, i].copy()) for i, name in enumerate(read)}


def table(program: Program, frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The rows of all jobs as one table; bits that a row does not read stay empty.

    Rows are in the program's order of arms, points and settings, then by member and outcome, with the calibration
    last: whoever reads the file alone finds the orders by first appearance.

    Args:
        program: What was measured.
        frames: What `rows` gives of each job.
    """
    import pandas as pd

    rows = pd.concat(frames, ignore_index=True).astype(dict.fromkeys(bit_columns(program), "Int64"))
    return rows.iloc[_sorted(program, rows)].reset_index(drop=True)


def _sorted(program: Program, rows: pd.DataFrame) -> Array:
    """Indices of the rows in order; calibration rows keep the order they were measured in."""
    read, points = bit_columns(program), program.points
    swept = swept_parameters(points, program.experiment.axis)
    measured = [block.setting for block in program.blocks if not block.prepared]
    bits = rows[read].to_numpy(dtype=np.int64, na_value=0)
    calibration = (rows["basis"] == "cal").to_numpy()
    keys = [
        _places(rows["arm"], points.arms),
        _point_places(rows, {name: points.parameters[name] for name in swept}),
        _places(rows["basis"], [_letters(setting, read) for setting in measured]),
        rows["member"].to_numpy(dtype=np.int64),
        bits @ (1 << np.arange(len(read))[::-1]),
        *(rows[name].to_numpy(dtype=np.int64) for name in ("copy", "pass")),
    ]
    return np.lexsort([*(np.where(calibration, 0, key) for key in keys[::-1]), calibration])


def _places(values: pd.Series, order: Iterable[str]) -> Array:
    """Index of each value in an order by first appearance; -1 for what calibration rows have alone."""
    codes, found = values.factorize()
    places = {value: index for index, value in enumerate(dict.fromkeys(order))}
    return np.array([places.get(value, -1) for value in found])[codes]


def _point_places(rows: pd.DataFrame, swept: Mapping[str, Array]) -> Array:
    """Index of the point of each row among the points, by its swept parameters; any number for calibration rows."""
    code = np.zeros(len(rows), dtype=np.int64)
    for name in swept:
        codes, found = rows[name].factorize()
        code = code * (len(found) + 1) + codes + 1
    _, first, inverse = np.unique(code, return_index=True, return_inverse=True)
    points = dict.fromkeys(zip(*(values.tolist() for values in swept.values()), strict=True))
    places = {values: index for index, values in enumerate(points)}
    found = zip(*(rows[name].to_numpy()[first].tolist() for name in swept), strict=True)
    return np.array([places.get(values, -1) for values in found])[inverse]


def columns(program: Program) -> list[str]:
    """Columns of counts.csv, in order."""
    swept = swept_parameters(program.points, program.experiment.axis)
    ran = ["arm", "copy", "pass", *_alone_column(program)]
    fixed = [*ran, "role", "member", *_batch_column(program), "weight", "basis", "prepared"]
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
    """The axis, and every other parameter that takes more than one value.

    Args:
        points: The sweep, (points,).
        axis: The parameter that it runs along.

    Returns:
        Names in the order of the parameters.

    Examples:
        >>> values = {"T_A": np.array([2.0, 2.0]), "T_B": np.array([1.0, 1.5]), "time": np.array([0.0, 0.0])}
        >>> points = Points(parameters=values, options={}, reference=np.arange(2), reference_only=np.zeros(2, bool))
        >>> swept_parameters(points, "time")
        ('T_B', 'time')
    """
    return tuple(name for name, values in points.parameters.items() if name == axis or len(np.unique(values)) > 1)


def role(points: Points, arm: str, point: int) -> str:
    """What a point is measured for: "control", "reference" or "point".

    Args:
        points: The sweep, (points,).
        arm: "main", or the name of a control.
        point: Index of the point; it does not matter in a control.

    Examples:
        >>> added = np.array([True, False])
        >>> points = Points(parameters={}, options={}, reference=np.zeros(2, int), reference_only=added)
        >>> role(points, "main", 0), role(points, "main", 1), role(points, "uncorrelated", 0)
        ('reference', 'point', 'control')
    """
    if arm != "main":
        return "control"
    return "reference" if points.reference_only[point] else "point"
