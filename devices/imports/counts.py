"""Counts measured elsewhere: every rule that a file in the format of counts.csv must obey, with its own error."""

from __future__ import annotations

import itertools
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from devices.imports.ancillas import AncillaColumns, read_ancillas
from devices.imports.points import Cells, Declared, Foreign, choose, locate
from devices.imports.sheet import MOST_COUNTS, Sheet, check_columns
from devices.record.counts import MOST_MISSING, WORST_CONDITION, role
from protocols import Points, RequestError
from protocols.pauli.families import measured_words

if typing.TYPE_CHECKING:
    import pandas as pd

WEIGHT_TOLERANCE = 1e-4
"""Weights whose sum is further from 1 are refused."""
ROUNDING = 1e-9
"""Weights whose sum is further from 1 are renormalised, and a note says so."""
NO_ANCILLAS = AncillaColumns()
INVERTED = {"0": "", "1": "XYZ", "X": "YZ"}
"""--ground -> letters of the bases whose bits are inverted; X Z X = -Z and X Y X = -Y, but X X X = X."""


def read_counts(
    sheet: Sheet,
    *,
    qubits: Sequence[str],
    known: Declared,
    controls: Sequence[str] | None,
    asked: str | None,
    ground: str,
    ancillas: AncillaColumns = NO_ANCILLAS,
) -> Foreign:
    """Reads and checks counts.

    Args:
        sheet: The file.
        qubits: Names of the columns that hold bits.
        known: Parameters that may be columns.
        controls: Arms that the protocol has; None allows any.
        asked: What --bases was given; None takes what the file has.
        ground: "0", "1" (all labels inverted) or "X" (|1> was prepared as the ground state).
        ancillas: Further columns of bits, read in Z.

    Raises:
        RequestError: For anything wrong, with row and column.
    """
    optional = (*ancillas.names, "role", "member", "weight", "arm", "copy", "pass", "prepared")
    if "batch" in sheet.cells:
        raise RequestError(
            f"{sheet.name} has batches of a random preparation, whose scatter is the error; they cannot be imported. "
            "Analyse the run itself: hotward analyse RUN."
        )
    check_columns(sheet, ("basis", *qubits, "count"), (*known, "basis", *qubits, "count", *optional))
    bases = sheet.cells["basis"]
    measured = [row for row, basis in enumerate(bases) if basis != "cal"]
    calibration = [row for row, basis in enumerate(bases) if basis == "cal"]
    if not measured:
        raise RequestError(f"{sheet.name} has calibration rows only. Add rows of a measurement.")
    if calibration and ground == "X":
        raise sheet.wrong(
            calibration[0],
            "basis",
            "with --ground X there must be no calibration rows: bits are inverted in Y and Z but not in X, which one "
            "confusion matrix cannot follow. Correct the readout first, or drop these rows.",
        )
    _check_bases(sheet, measured, len(qubits), len(ancillas.names))
    cells = locate(sheet, measured, known, controls)
    rows = _Rows(sheet, measured, cells, qubits, ground, ancillas)
    present = tuple(dict.fromkeys(rows.basis))
    used = choose(sheet, asked, present, measured[0])
    notes = [] if set(used) == set(present) else [_unused(present, used)]
    factor = rows.weights(notes)
    low, high = rows.settings(used, factor, notes)
    patterns = _calibration(sheet, calibration, qubits, ground, ancillas.wires)
    return Foreign(
        parameters=cells.parameters,
        reference_only=cells.reference_only,
        arms=cells.arms,
        bases=used,
        words=(),
        rows=_frame(rows, used, factor, patterns, qubits, ancillas),
        notes=tuple(notes),
        members=len(set(rows.member)),
        shots=(low, high),
        calibration_shots=max(_totals(patterns, len(qubits)).values(), default=0),
    )


@dataclass(frozen=True, kw_only=True)
class _Pattern:
    """One calibration row."""

    prepared: str
    bits: tuple[int, ...]
    count: int
    copy: int
    pass_: int


class _Rows:
    """The rows of the measurement as columns, and what must hold between them."""

    def __init__(
        self,
        sheet: Sheet,
        rows: Sequence[int],
        cells: Cells,
        qubits: Sequence[str],
        ground: str,
        ancillas: AncillaColumns,
    ) -> None:
        self.sheet, self.rows, self.cells = sheet, rows, cells
        self.cell = list(zip(cells.arm, cells.point, strict=True))
        written = sheet.text("basis", rows, "")
        self.basis = [text[: len(qubits)] for text in written]
        self.letters = [text[len(qubits) :] for text in written]
        self.ancillas = read_ancillas(sheet, rows, ancillas, self.letters, ground in ("1", "X"))
        self.count = sheet.whole("count", rows)
        self.member = sheet.whole("member", rows, 0)
        self.copy = sheet.whole("copy", rows, 0)
        self.pass_ = sheet.whole("pass", rows, 0)
        self.weight = sheet.real("weight", rows) if "weight" in sheet.cells else [1.0] * len(rows)
        read = zip(*(sheet.whole(qubit, rows, most=1) for qubit in qubits), strict=True)
        inverted = INVERTED[ground]
        self.bits = [
            tuple(bit ^ (letter in inverted) for bit, letter in zip(bits, basis, strict=True))
            for bits, basis in zip(read, self.basis, strict=True)
        ]
        for row, text in zip(rows, sheet.text("prepared", rows, ""), strict=True):
            if text:
                rule = f"must be empty but in calibration rows (basis cal), but is {text!r}"
                raise sheet.wrong(row, "prepared", f"{rule}. Empty it.")

    def weights(self, notes: list[str]) -> dict[tuple[str, int], float]:
        """What the weights of each cell are multiplied by to sum to 1."""
        known = self._weight_of()
        factor, worst = {}, 0.0
        for cell, members in known.items():
            total = sum(members.values())
            if abs(total - 1) > WEIGHT_TOLERANCE:
                listed = ", ".join(f"member {m}: {w:g}" for m, w in sorted(members.items()))
                raise self.sheet.wrong(
                    self.cells.first[cell],
                    "weight",
                    f"the weights of the members of a point must sum to 1, but those of {self.cells.where(*cell)} sum "
                    f"to {total:.6g} ({listed}). Give every member its exact probability; unmeasured ones have count "
                    "0.",
                )
            off = abs(total - 1) > ROUNDING
            factor[cell] = 1 / total if off else 1.0
            worst = max(worst, abs(total - 1) if off else 0.0)
        if worst:
            notes.append(f"weights are divided by their sum over the members, which is off 1 by up to {worst:.1g}")
        return factor

    def settings(
        self, used: Sequence[str], factor: Mapping[tuple[str, int], float], notes: list[str]
    ) -> tuple[int, int]:
        """Checks that every cell has every setting with its members; smallest and largest shots of one."""
        strata: dict[tuple[tuple[str, int], str, int], int] = {}
        for cell, basis, member, count, row in zip(
            self.cell, self.basis, self.member, self.count, self.rows, strict=True
        ):
            total = strata[cell, basis, member] = strata.get((cell, basis, member), 0) + count
            if total > MOST_COUNTS:
                rule = f"counts of one member in one setting must sum to less than 2**63, but reach {total} here"
                raise self.sheet.wrong(row, "count", f"{rule}. Correct the row.")
        low, high, lost = MOST_COUNTS, 0, 0.0
        for cell, members in self._weight_of().items():
            for basis in used:
                shots = {member: strata.get((cell, basis, member), 0) for member in members}
                if not any(shots.values()):
                    raise self._lacks(cell, basis, used)
                low, high = min(low, sum(shots.values())), max(high, sum(shots.values()))
                missing = {m: members[m] * factor[cell] for m, n in shots.items() if not n and members[m] > 0}
                if sum(missing.values()) > MOST_MISSING:
                    heaviest = max(missing, key=lambda member: missing[member])
                    raise self.sheet.wrong(
                        self._row_of(cell, heaviest),
                        "member",
                        f"member {heaviest} of weight {missing[heaviest]:g} must have shots in every setting, but has "
                        f"none in {basis} at {self.cells.where(*cell)}. Measure it there; only a weight up to "
                        f"{MOST_MISSING:g} may be left out.",
                    )
                lost = max(lost, sum(missing.values()))
        if lost:
            notes.append(
                f"members without shots in some setting are left out there: the state is known only up to their weight "
                f"of {lost:.1g}"
            )
        if high > MOST_COUNTS:
            raise self.sheet.wrong(
                self.rows[0], "count", "shots of one setting and point must be below 2**63. Correct the counts."
            )
        return low, high

    def _weight_of(self) -> dict[tuple[str, int], dict[int, float]]:
        """Members of each cell with their weights."""
        known: dict[tuple[str, int], dict[int, float]] = {}
        for cell, member, weight, row in zip(self.cell, self.member, self.weight, self.rows, strict=True):
            before = known.setdefault(cell, {}).setdefault(member, weight)
            if not 0 <= weight <= 1 + WEIGHT_TOLERANCE:
                rule = f"must be a probability from 0 to 1, but is {weight:g}"
                raise self.sheet.wrong(row, "weight", f"{rule}. Correct the row.")
            if before != weight:
                rule = f"member {member} must have one weight at a point, but has {before:g} above and {weight:g} here"
                raise self.sheet.wrong(row, "weight", f"{rule}. Correct one.")
        return known

    def _row_of(self, cell: tuple[str, int], member: int) -> int:
        return next(r for r, c, m in zip(self.rows, self.cell, self.member, strict=True) if (c, m) == (cell, member))

    def _lacks(self, cell: tuple[str, int], basis: str, used: Sequence[str]) -> RequestError:
        rest = [other for other in used if other != basis]
        lost = set(measured_words(used)) - set(measured_words(rest))
        return self.sheet.wrong(
            self.cells.first[cell],
            "basis",
            f"every point must have all of the settings {', '.join(used)}, but {self.cells.where(*cell)} has no shots "
            f"in {basis}: the Pauli words {', '.join(sorted(lost)) or basis} are not determined there. Add the rows, "
            "or declare with --bases what all points have.",
        )


def _check_bases(sheet: Sheet, rows: Sequence[int], qubits: int, ancillas: int) -> None:
    more = f" and then {ancillas} letters Z or -, one an ancilla column" if ancillas else ""
    for row in rows:
        basis = sheet.cells["basis"][row]
        fits = not set(basis[:qubits]) - set("XYZ") and not set(basis[qubits:]) - set("Z-")
        if len(basis) != qubits + ancillas or not fits:
            rule = f"must be {qubits} letters X Y Z, one a qubit{more}, or cal, but is {basis!r}"
            raise sheet.wrong(row, "basis", f"{rule}. Correct the row.")


def _unused(present: Sequence[str], used: Sequence[str]) -> str:
    dropped = [basis for basis in present if basis not in used]
    return f"of the settings in the file only {', '.join(used)} are used, as declared; not {', '.join(dropped)}"


def _calibration(
    sheet: Sheet, rows: Sequence[int], qubits: Sequence[str], ground: str, wires: Sequence[str]
) -> list[_Pattern]:
    """The calibration rows, every pattern of the qubits prepared among them, and every wire in both states."""
    if not rows:
        return []
    inverted, size = ground == "1", len(qubits) + len(wires)
    for wire in wires:
        if wire not in sheet.cells:
            rule = f"the calibration must read the wire {wire}, but there is no such column"
            raise sheet.wrong(rows[0], "basis", f"{rule}. Add it, or drop the calibration rows.")
    prepared = sheet.text("prepared", rows, "")
    for row, pattern in zip(rows, prepared, strict=True):
        if len(pattern) != size or set(pattern) - set("01"):
            column = "prepared" if "prepared" in sheet.cells else "basis"
            example = "01".ljust(size, "0")
            rule = f"calibration rows must say in `prepared` the {size} bits prepared, such as {example}"
            raise sheet.wrong(row, column, f"{rule}, but it is {pattern!r}. Keep that column as text.")
    for row, said in zip(rows, sheet.text("role", rows, "calibration"), strict=True):
        if said not in ("", "calibration"):
            raise sheet.wrong(row, "role", f"must be calibration in the basis cal, but is {said!r}. Correct it.")
    read = zip(*(sheet.whole(qubit, rows, most=1) for qubit in (*qubits, *wires)), strict=True)
    count = sheet.whole("count", rows)
    copy, pass_ = (_whole_or_empty(sheet, column, rows) for column in ("copy", "pass"))
    found = [
        _Pattern(
            prepared="".join(str(int(bit) ^ inverted) for bit in pattern),
            bits=tuple(bit ^ inverted for bit in bits),
            count=count[i],
            copy=copy[i],
            pass_=pass_[i],
        )
        for i, (pattern, bits) in enumerate(zip(prepared, read, strict=True))
    ]
    totals = _totals(found, len(qubits))
    for place, wire in enumerate(wires, len(qubits)):
        if {pattern.prepared[place] for pattern in found if pattern.count} != {"0", "1"}:
            rule = f"the calibration must prepare the wire {wire} as 0 and as 1, but it has one of them only"
            raise sheet.wrong(rows[0], "prepared", f"{rule}. Add rows, or drop the calibration rows.")
    for bits in itertools.product("01", repeat=len(qubits)):
        wanted = "".join(str(int(bit) ^ inverted) for bit in bits)
        if not 0 < totals.get(wanted, 0) <= MOST_COUNTS:
            pattern = "".join(bits)
            rule = f"the calibration must have counts for every pattern prepared, but has none for {pattern}"
            raise sheet.wrong(rows[0], "prepared", f"{rule}. Add them, or drop the calibration rows.")
    if _condition(found, len(qubits)) > WORST_CONDITION:
        rule = "the calibration must tell the patterns apart, but what was read hardly depends on what was prepared"
        raise sheet.wrong(rows[0], "prepared", f"{rule}. Correct it, or drop the calibration rows.")
    return found


def _condition(patterns: Sequence[_Pattern], qubits: int) -> float:
    """Of the confusion matrix of the qubits: by how much inverting it multiplies noise."""
    size = 2**qubits
    counts = np.zeros((size, size))
    for pattern in patterns:
        read = "".join(str(bit) for bit in pattern.bits[:qubits])
        counts[int(pattern.prepared[:qubits], 2), int(read, 2)] += pattern.count
    return float(np.linalg.cond(counts / counts.sum(axis=1, keepdims=True)))


def _whole_or_empty(sheet: Sheet, column: str, rows: Sequence[int]) -> list[int]:
    """Whole numbers; 0 where a calibration row leaves the cell empty."""
    filled = [row for row in rows if column in sheet.cells and sheet.cells[column][row]]
    values = dict(zip(filled, sheet.whole(column, filled, 0), strict=True))
    return [values.get(row, 0) for row in rows]


def _totals(patterns: Sequence[_Pattern], qubits: int) -> dict[str, int]:
    totals: dict[str, int] = {}
    for pattern in patterns:
        key = pattern.prepared[:qubits]
        totals[key] = totals.get(key, 0) + pattern.count
    return totals


def _frame(
    rows: _Rows,
    used: Sequence[str],
    factor: Mapping[tuple[str, int], float],
    patterns: Sequence[_Pattern],
    qubits: Sequence[str],
    ancillas: AncillaColumns,
) -> pd.DataFrame:
    """The rows as in counts.csv, with `point` in place of the swept columns."""
    import pandas as pd

    points = Points(
        parameters={}, options={}, reference=rows.cells.reference_only * 0 - 1, reference_only=rows.cells.reference_only
    )
    kept: list[tuple[object, ...]] = []
    declared: set[tuple[tuple[str, int], int]] = set()
    lost: dict[tuple[tuple[str, int], int], tuple[object, ...]] = {}
    unread = "-" * len(ancillas.names)
    read = [(basis, (*bits, *more)) for basis, bits, more in zip(rows.basis, rows.bits, rows.ancillas, strict=True)]
    for cell, (basis, bits), letters, member, weight, copy, pass_, count in zip(
        rows.cell, read, rows.letters, rows.member, rows.weight, rows.copy, rows.pass_, rows.count, strict=True
    ):
        arm, point = cell
        shared = (point, arm, copy, pass_, role(points, arm, point), member, weight * factor[cell])
        if basis in used:
            kept.append((*shared, basis + letters, "", *bits, count))
            declared.add((cell, member))
        else:  # a member of unused settings only still counts for the weights
            lost.setdefault((cell, member), (*shared, used[0] + unread, "", *bits, 0))
    kept += [row for key, row in lost.items() if key not in declared]
    for p in patterns:
        bits = dict(zip(ancillas.wires, p.bits[len(qubits) :], strict=True))
        every = (*p.bits[: len(qubits)], *(bits.get(name) for name in ancillas.names))
        kept.append((-1, "main", p.copy, p.pass_, "calibration", 0, 1.0, "cal", p.prepared, *every, p.count))
    head = ["point", "arm", "copy", "pass", "role", "member", "weight", "basis", "prepared"]
    frame = pd.DataFrame(kept, columns=[*head, *qubits, *ancillas.names, "count"])
    return frame.astype(dict.fromkeys(ancillas.names, "Int64"))
