"""What a file measured elsewhere says: its points and arms, and the settings it must have for what is asked."""

from __future__ import annotations

import itertools
import re
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from devices.imports.sheet import Sheet
from protocols import Array, RequestError, readable
from protocols.pauli import assumption, measured_words, needed_words, parse_bases
from protocols.program import Parameter, parameters, scale_of

if typing.TYPE_CHECKING:
    import pandas as pd

Declared = Mapping[str, Sequence[Parameter]]
"""Name of a numeric parameter -> its declarations, one a protocol that has it."""
ARM = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
# pandas reads these as empty cells
NOT_AVAILABLE = ("NA", "NaN", "nan", "NULL", "null", "None")


@dataclass(frozen=True, kw_only=True, eq=False)
class Foreign:
    """The content of a file of counts or of expectation values, checked."""

    parameters: Mapping[str, Array]
    """Swept columns of the file, (points,) each; points are numbered by first appearance."""
    reference_only: Array
    """(points,) bool: measured only as a reference."""
    arms: tuple[str, ...]
    """"main", then the controls by first appearance."""
    bases: tuple[str, ...]
    """Settings used, by first appearance; none for expectation values."""
    words: tuple[str, ...]
    """Pauli words used of a file of expectation values; none for counts."""
    rows: pd.DataFrame
    """As in counts.csv or expectations.csv, with `point` in place of the swept columns; -1 in calibration rows."""
    notes: tuple[str, ...]
    members: int = 1
    shots: tuple[int, int] = (0, 0)
    """Least and most shots of a setting and point."""
    calibration_shots: int = 0
    """Of each pattern."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Cells:
    """The points and arms that rows belong to."""

    point: Sequence[int]
    """Of each row."""
    arm: Sequence[str]
    """Of each row."""
    parameters: Mapping[str, Array]
    reference_only: Array
    arms: tuple[str, ...]
    first: Mapping[tuple[str, int], int]
    """(arm, point) -> its first row in the sheet."""

    def where(self, arm: str, point: int) -> str:
        """One cell in words: "the point T_A = 2, time = 3 (arm none)"."""
        values = ", ".join(f"{name} = {column[point]:.6g}" for name, column in self.parameters.items())
        named = f"the point {values}" if values else "the point"
        return named if self.arms == ("main",) else f"{named} (arm {arm})"


def declared(protocol: typing.Any | None) -> dict[str, list[Parameter]]:
    """Numeric parameters that may be columns: those of the protocol, or of every one in the catalogue."""
    found: dict[str, list[Parameter]] = {}
    for offered in [protocol] if protocol else readable()[0].values():
        for spec in parameters(offered):
            if spec.numeric:
                found.setdefault(spec.name, []).append(spec)
    return found


def locate(sheet: Sheet, rows: Sequence[int], known: Declared, controls: Sequence[str] | None) -> Cells:
    """Point and arm of each of these rows.

    Args:
        sheet: The file.
        rows: Rows of the sheet that are no calibration.
        known: Parameters that are points of a sweep where they are columns.
        controls: Arms that the protocol has beside main; None allows any.

    Raises:
        RequestError: For a value outside its domain, an unknown arm or role, or an arm that lacks points.
    """
    swept = [name for name in sheet.cells if name in known]
    columns = {name: sheet.real(name, rows, known[name]) for name in swept}
    keys = list(zip(*columns.values(), strict=True)) if swept else [()] * len(rows)
    numbers = {key: index for index, key in enumerate(dict.fromkeys(keys))}
    point = [numbers[key] for key in keys]
    arm = _arms(sheet, rows, controls)
    first: dict[tuple[str, int], int] = {}
    for row, cell in zip(rows, zip(arm, point, strict=True), strict=True):
        first.setdefault(cell, row)
    values = np.array(list(numbers), dtype=float).reshape(len(numbers), len(swept))
    cells = Cells(
        point=point,
        arm=arm,
        parameters={name: values[:, i] for i, name in enumerate(swept)},
        reference_only=_added(sheet, rows, point, arm, len(numbers)),
        arms=tuple(dict.fromkeys(("main", *arm))),
        first=first,
    )
    for lacking, index in itertools.product(cells.arms, range(len(numbers))):
        if (lacking, index) not in first:
            other = next(name for name in cells.arms if (name, index) in first)
            raise sheet.wrong(
                first[other, index],
                "arm",
                f"every arm must have the same points, but {cells.where(lacking, index)} has no rows. "
                f"Add them, or import arm {other} as a file of its own, as main.",
            )
    return cells


def choose(sheet: Sheet, asked: str | None, present: Sequence[str], first: int) -> tuple[str, ...]:
    """The settings to use, by first appearance: those asked for, or all.

    Args:
        sheet: The file.
        asked: What --bases was given; None takes all settings.
        present: Settings that the file has, at least one, by first appearance, with one letter a qubit.
        first: Row of the sheet that an error about all settings names.

    Raises:
        RequestError: If the settings do not determine what is asked; the missing Pauli words are named.

    Examples:
        >>> choose(Sheet(name="counts.csv", cells={}, lines=()), "ZZ,XX", ("XX", "YY", "ZZ"), 0)
        ('XX', 'ZZ')
    """
    qubits = len(present[0])
    wanted = list(present) if asked is None else parse_bases(asked, qubits, letters="IXYZ")
    missing = [basis for basis in wanted if basis not in present]
    if missing:
        known = measured_words(present)
        lost = [word for word in needed_words(asked or "", qubits) or measured_words(wanted) if word not in known]
        raise RequestError(
            f"Argument `bases` is {asked}, but {sheet.name} has no rows in the basis {', '.join(missing)}: the Pauli "
            f"words {', '.join(lost or missing)} are not determined. Add these rows, or declare less: "
            f"{_less(present)}."
        )
    for index in range(qubits):
        if not any(basis[index] == "Z" for basis in wanted):
            rule = (
                f"every qubit must be read in Z at least once, where energies are read, but {','.join(wanted)} never "
                f"does so for qubit {index + 1}. Add {'Z' * qubits}."
            )
            raise sheet.wrong(first, "basis", rule) if asked is None else RequestError(f"Argument `bases`: {rule}")
    return tuple(basis for basis in present if basis in wanted)


def _less(present: Sequence[str]) -> str:
    own, _ = assumption(present)
    return f"--bases {own if own != 'none' else ','.join(present)}"


def _arms(sheet: Sheet, rows: Sequence[int], controls: Sequence[str] | None) -> list[str]:
    arms = sheet.text("arm", rows, "main")
    for row, arm in zip(rows, arms, strict=True):
        if controls is not None and arm != "main" and arm not in controls and scale_of(arm) == 1:
            known = ", ".join(("main", *controls))
            raise sheet.wrong(row, "arm", f"must be one of {known}, the protocol's, but is {arm!r}. Rename it.")
        if not ARM.fullmatch(arm) or arm in NOT_AVAILABLE:
            rule = "must be a name of letters, digits, - and _ that does not mean an empty cell"
            raise sheet.wrong(row, "arm", f"{rule}, but is {arm!r}. Rename it.")
    if "main" not in arms:
        raise sheet.wrong(
            rows[0], "arm", f"one arm must be main, beside its controls, but there is only {arms[0]}. Rename it."
        )
    return arms


def _added(sheet: Sheet, rows: Sequence[int], point: Sequence[int], arm: Sequence[str], size: int) -> Array:
    """Which points are measured only as references, by the role of their rows in the main arm."""
    roles = sheet.text("role", rows, "point")
    known: dict[int, str] = {}
    for row, role, name, index in zip(rows, roles, arm, point, strict=True):
        if role not in ("point", "reference", "control"):
            rule = "must be point, reference or control (calibration only in the basis cal)"
            raise sheet.wrong(row, "role", f"{rule}, but is {role!r}. Correct it.")
        if name != "main":
            continue
        if role == "control":
            raise sheet.wrong(row, "role", "control rows must have an arm of their own, but this is arm main. Name it.")
        if known.setdefault(index, role) != role:
            rule = f"must be one for all rows of a point, but this point is {known[index]} above and {role} here"
            raise sheet.wrong(row, "role", f"{rule}. Correct it.")
    reference_only = np.array([known.get(index) == "reference" for index in range(size)])
    if reference_only.all():
        raise sheet.wrong(rows[0], "role", "at least one point must be more than a reference. Set one to point.")
    return reference_only
