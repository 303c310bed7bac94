"""Rows of a measurement made elsewhere as columns, and what must hold between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from devices.imports.ancillas import AncillaColumns, read_ancillas
from devices.imports.points import Cells
from devices.imports.repeats import repeated
from devices.imports.sheet import Sheet
from devices.imports.text import MOST_COUNTS, Tallies
from devices.record import ALONE, MOST_MISSING
from protocols import RequestError
from protocols.pauli import measured_words

WEIGHT_TOLERANCE = 1e-4
"""Weights whose sum is further from 1 are refused."""
ROUNDING = 1e-9
"""Weights whose sum is further from 1 are renormalised, and a note says so."""
INVERTED = {"0": "", "1": "XYZ", "X": "YZ"}
"""--ground -> letters of the bases whose bits are inverted; X Z X = -Z and X Y X = -Y, but X X X = X."""


class MeasuredRows:
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
        self.ancillas = read_ancillas(sheet, rows, ancillas, self.letters, INVERTED[ground])
        self.count = sheet.whole("count", rows)
        self.member = sheet.whole("member", rows, 0)
        ran = sheet.whole("copy", rows, 0), sheet.whole("pass", rows, 0), sheet.whole(ALONE, rows, 0, most=1)
        self.ran = list(zip(*ran, strict=True))  # copy, pass, and whether all other copies idled
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
                repair = "Write cal as the basis of calibration; for states of the experiment, call the column `start`"
                raise sheet.wrong(row, "prepared", f"{rule}. {repair}.")

    def repeats(self) -> str:
        """A note about settings that are in the file several times with the same counts; empty without any."""
        if self.sheet.traced:
            return ""
        keys = list(zip(self.cell, self.basis, self.member, self.ran, strict=True))
        outcomes = list(zip(self.bits, self.ancillas, strict=True))
        if self.sheet.tallies is not None:
            return repeated(keys, outcomes, self.sheet.tallies.among(self.rows))
        count, lines = np.array(self.count, dtype=np.int64), np.array([self.sheet.lines[row] for row in self.rows])
        return repeated(keys, outcomes, Tallies(group=np.arange(len(count)), count=count, line=lines))

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
        for cell, basis, member, ran, count, row in zip(
            self.cell, self.basis, self.member, self.ran, self.count, self.rows, strict=True
        ):
            if ran[2]:  # rows of copies that ran alone check the others, and are none of their shots
                continue
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
