"""Ancilla columns of a file measured elsewhere: `bath_1`, `bath_2`; or `bath.1` before a reset, `bath` at the end."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from devices.imports.sheet import Sheet
from devices.record import recorded_gap
from protocols import Experiment, Outcome, Points
from protocols.program import parameters

Bits = tuple[int | None, ...]
"""One a column, None where it is not read."""


@dataclass(frozen=True, kw_only=True)
class AncillaColumns:
    """The ancilla columns that a file has."""

    names: tuple[str, ...] = ()
    registers: tuple[str, ...] = ()
    """Of each column."""
    gaps: tuple[float | str, ...] = ()
    """Of each column; the name of a value of the protocol where it depends on the point."""
    qubits: tuple[str, ...] = ()
    """The wire of each column."""
    letters: tuple[str, ...] = ()
    """Bases that each column may be read in: Z, or X and Y of an ancilla that reads another qubit."""
    as_read: tuple[bool, ...] = ()
    """Whether something acted on the bit of each column, so that it is kept as it was read."""

    @property
    def wires(self) -> tuple[str, ...]:
        """Wires that are read, each once."""
        return tuple(dict.fromkeys(self.qubits))

    def document(self, experiment: Experiment | None, points: Points) -> dict[str, list[dict[str, object]]]:
        """As `registers` in start.json.

        Args:
            experiment: The protocol with its fields, whose values gaps may be.
            points: The sweep.
        """
        found: dict[str, list[dict[str, object]]] = {}
        columns = zip(self.names, self.registers, self.gaps, self.qubits, self.as_read, strict=True)
        for name, register, gap, qubit, as_read in columns:
            if register:  # else a wire that calibration alone reads under its own name
                about: dict[str, object] = {
                    "column": name,
                    "qubit": qubit,
                    "gap": recorded_gap(experiment, gap, points),
                }
                found.setdefault(register, []).append(about | ({"as_read": True} if as_read else {}))
        return found

    def lacking(self, experiment: Experiment | None, points: Points) -> str:
        """One line about registers of the declared circuits that there is no column of; empty if there is none.

        Args:
            experiment: The protocol with its fields.
            points: The sweep.
        """
        missing = [name for name in experiment.registers(points) if name not in self.registers] if experiment else []
        if experiment is None or not missing or not self.registers:
            return ""
        counts = [spec.name for spec in parameters(experiment) if spec.whole and spec.name != experiment.axis]
        asked = ", ".join(f"{name} = {points.parameters[name].max():g}" for name in counts)
        circuits = f" (circuits of {asked}; give others with --set)" if asked else ""
        which = ", ".join(missing[:3]) + (", ..." if len(missing) > 3 else "")
        return f"there is no column of {which}{circuits}: what needs them is left out"


def ancilla_columns(sheet: Sheet, read: Mapping[str, Outcome]) -> AncillaColumns:
    """The columns that circuits of the protocol can have, in the order of the file.

    Args:
        sheet: The file.
        read: What each column of the protocol's own circuits holds; of its registers there may be more.
    """
    gaps = {o.register: o.gap for o in read.values() if o.register}
    found: list[tuple[str, str, float | str, str, str, bool]] = []
    for column in sheet.cells:
        if column in read:
            o = read[column]
            found.append((column, o.register, o.gap, o.qubit, "XY" if o.basis in "XY" else "Z", o.as_read))
            continue
        kinds = [r for r in gaps if re.fullmatch(rf"{re.escape(r)}(_[1-9]\d*|\.[1-9]\d*)?", column)]
        found += [(column, register, gaps[register], column.partition(".")[0], "Z", False) for register in kinds]
    names, kinds, widths, qubits, letters, as_read = zip(*found, strict=True) if found else ((),) * 6
    return AncillaColumns(names=names, registers=kinds, gaps=widths, qubits=qubits, letters=letters, as_read=as_read)


def read_ancillas(
    sheet: Sheet, rows: Sequence[int], ancillas: AncillaColumns, letters: Sequence[str], inverted: str
) -> list[Bits]:
    """The bits of rows of a measurement, empty where their letter is -.

    Args:
        sheet: The file.
        rows: Which rows.
        ancillas: Its columns.
        letters: Of each row, one a column: its basis, or -.
        inverted: Letters whose bits are inverted.

    Raises:
        RequestError: For a bit that the basis does not have, or lacks.
    """
    columns: list[list[int | None]] = []
    for place, name in enumerate(ancillas.names):
        filled = [row for row, text in zip(rows, letters, strict=True) if text[place] != "-"]
        turned = {row for row, text in zip(rows, letters, strict=True) if text[place] in inverted}
        bits = dict(zip(filled, sheet.whole(name, filled, most=1), strict=True))
        for row in rows:
            if row not in bits and sheet.cells[name][row] != "":
                rule = f"must be empty where the basis has -, but is {sheet.cells[name][row]!r}"
                raise sheet.wrong(row, name, f"{rule}. Empty it, or write Z.")
        columns.append([bits[row] ^ (row in turned) if row in bits else None for row in rows])
    return list(zip(*columns, strict=True)) if columns else [()] * len(rows)
