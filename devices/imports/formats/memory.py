"""Counts in memory -> a sealed run: the one entry for Python."""

from __future__ import annotations

import csv
import dataclasses
import io
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from devices.imports.formats.files import sheet_of
from devices.imports.formats.reading import Reading
from devices.imports.gaps import Given
from devices.imports.import_run import import_sheet
from devices.imports.sheet import Sheet
from devices.record import IMPORTED, RunRecord, fields_of
from protocols import Array, Experiment, RequestError

QUBITS = ("A", "B")


def import_counts(
    counts: Any,
    *,
    order: str | None = None,
    read: str | Sequence[str] = (),
    labels: Any = None,
    shots: int | None = None,
    covariance: Array | None = None,
    form: str = "auto",
    experiment: Experiment | None = None,
    bases: str | None = None,
    ground: str = "0",
    reference: str = "measured",
    gaps: Given = None,
    runs: Path | str = "runs",
    name: str = "counts",
) -> RunRecord:
    """Imports counts in memory and returns the verified record of the run, which `analysis.analyse` takes.

    Args:
        counts: Dictionaries of counts by what they measured, `{(0.5, "XY"): {"01": 38, ...}, ("cal", "00"): ...}`, also
            one inside another; a list of them; results of Qiskit's primitives, Aer, Amazon Braket or IonQ; a table with
            the columns of counts.csv (a data frame, a list of rows, a mapping of columns); density matrices.
        order: "first" if the leftmost character of an outcome is the first qubit, "last" if the last one is (Qiskit's
            `get_counts`). Needed wherever the form does not fix it. Patterns prepared are written like outcomes.
        read: Names of the measured bits that are the qubits, where more were measured; the others are traced out.
        labels: What each circuit measured, in the order of the circuits: rows such as `{"time": 0.5, "basis": "XY"}`,
            or a data frame. Needed where the data do not say it; takes the place of what they say.
        shots: Of each circuit, where data are probabilities; of each setting, where they are density matrices.
        covariance: Of the expectation values of a density matrix, (15, 15) for two qubits, words IX, IY, ... ZZ.
        form: One of `FORMS`; auto looks at the data.
        experiment: The protocol that was carried out, with its parameters, such as `HeatExchange(strength=0.7)`;
            labels go before its fields. None: nothing is assumed.
        bases: What the settings are declared to determine; a list of settings also names circuits without a name.
        ground: "0"; "1" for inverted labels; "X" if |1> was prepared as the ground state.
        reference: "measured" compares with time 0, "nominal" with the exact state of the experiment.
        gaps: Gap of each qubit, where they are unequal: numbers in one unit, `{"A": 1, "B": 0.75}`, or quantities,
            `{"A": "5GHz", "B": "4.8GHz"}`. Not with an experiment, which has one gap.
        runs: Directory that holds the runs.
        name: Of the data, for errors and the record.

    Raises:
        RequestError: For anything wrong with the data; nothing is left on disk.
        FailedRun: If the disk fails.
    """
    protocol = type(experiment) if experiment is not None else None
    asked = {"form": form, "order": order, "shots": shots, "bases": bases}
    reading = _reading(experiment, read, labels, **asked)
    gap = fields_of(experiment).get("gap", "auto") if experiment is not None else "auto"
    sheet = sheet_of(_columns(counts), name, reading, covariance)
    if reference == "nominal" and experiment is None:
        raise RequestError("Argument `reference` is nominal, which needs `experiment`. Give it, or use 'measured'.")
    return import_sheet(
        sheet,
        _as_csv(sheet),
        protocol=protocol,
        build=(lambda values: dataclasses.replace(experiment, **values)) if experiment is not None else None,  # type: ignore[type-var]
        bases=bases,
        ground=ground,
        reference=reference,
        gaps=gaps,
        runs=runs,
        about={"gap": gap} if gap != "auto" else None,
        command=_command(experiment, sheet, name, gaps, bases=bases, ground=ground, reference=reference),
    )


def _command(experiment: Experiment | None, sheet: Sheet, name: str, gaps: Given, **asked: str | None) -> str:
    """The command that makes the same run of the rows that it keeps."""
    words = ["hotward", "import", f"RUN/raw/{IMPORTED}.csv"]
    if experiment is not None:
        fields = {field: text for field, text in fields_of(experiment).items() if isinstance(text, str)}
        words += ["--protocol", experiment.name]
        kept = [f"{field}={text}" for field, text in fields.items() if text != "auto" and field not in sheet.cells]
        words += [word for one in kept for word in ("--set", one)]
    if isinstance(gaps, Mapping):
        words += ["--gaps", ",".join(f"{qubit}={gap}" for qubit, gap in gaps.items())]
    usual = {"bases": None, "ground": "0", "reference": "measured"}
    words += [word for option, value in asked.items() if value != usual[option] for word in (f"--{option}", str(value))]
    return f"{shlex.join(words)}  # import_counts({name})"


def _reading(experiment: Experiment | None, read: str | Sequence[str], labels: Any, **asked: Any) -> Reading:
    """How the data are to be read: what was asked, and what the experiment knows."""
    protocol = type(experiment) if experiment is not None else None
    return Reading(
        **asked,
        read=tuple(part.strip() for part in read.split(",")) if isinstance(read, str) else tuple(read),
        labels=_rows(labels) if labels is not None else (),
        qubits=tuple(experiment.qubits) if experiment is not None else QUBITS,
        axis=protocol.axis if protocol else "time",
        arms=("main", *(protocol.controls if protocol else ("none", "dephased"))),
        typed=False,
    )


def _columns(counts: Any) -> Any:
    """A data frame as a mapping of columns, with those of its index; anything else as it is."""
    if hasattr(counts, "to_frame") and hasattr(counts, "index") and not hasattr(counts, "columns"):
        counts = counts.to_frame("count")
    if hasattr(counts, "columns") and hasattr(counts, "reset_index") and all(name for name in counts.index.names):
        counts = counts.reset_index()
    if hasattr(counts, "columns") and hasattr(counts, "to_dict"):
        return {str(column): ["" if cell != cell else cell for cell in counts[column]] for column in counts.columns}
    return counts


def _rows(labels: Any) -> list[dict[str, str]]:
    """Labels as rows of texts."""
    rows = labels.to_dict("records") if hasattr(labels, "to_dict") else list(labels)
    if not all(isinstance(row, Mapping) for row in rows):
        raise RequestError(
            "Argument `labels` must be one row a circuit, such as {'basis': 'XX', 'time': 0.5}. Give rows."
        )
    empty = (None, "")
    return [
        {str(column): str(cell) for column, cell in row.items() if cell not in empty and cell == cell} for row in rows
    ]


def _as_csv(sheet: Sheet) -> bytes:
    """The rows as a file that `hotward import` reads: what the run keeps as the raw data."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(sheet.cells)
    writer.writerows(zip(*sheet.cells.values(), strict=True))
    return text.getvalue().encode()
