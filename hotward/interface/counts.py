"""Counts that were measured elsewhere, from memory or from files, as a run."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hotward.interface.results import Result
from hotward.interface.words import checked_words, repeated_words, values_of
from hotward.terminal import Silent
from protocols import Experiment, RequestError

if typing.TYPE_CHECKING:
    from protocols import Array

ONLY_IN_MEMORY = ("covariance", "name")
"""Arguments of `import_counts` that only data in memory have."""


def import_counts(
    counts: Any,
    *,
    experiment: Experiment | None = None,
    order: str | None = None,
    read: str | Sequence[str] = (),
    labels: Any = None,
    shots: int | None = None,
    covariance: Array | None = None,
    form: str = "auto",
    bases: str | None = None,
    ground: str = "0",
    reference: str = "measured",
    gaps: Mapping[str, float | str] | None = None,
    runs: Path | str = "runs",
    name: str = "counts",
) -> Result:
    """A run from counts, expectation values or density matrices that were measured elsewhere.

    Args:
        counts: In memory, e.g. `{(0.5, "XY"): {"01": 38, "00": 62}}`, results of Qiskit, Braket or IonQ, or a data
            frame; or the path of a file or folder, or a list of paths. `devices.imports.import_counts` has every form.
        experiment: The protocol that was carried out; None: nothing is assumed.
        order: "first" if the leftmost character of an outcome is the first qubit, "last" as in Qiskit's get_counts.
        read: Names of the measured bits that are the qubits.
        labels: What each circuit measured; of files, the path of a CSV file.
        shots: Of each circuit, where the data are probabilities or density matrices.
        covariance: Of the expectation values of a density matrix in memory.
        form: "auto", "csv", "qiskit", "runtime", "braket", "ionq" or "states".
        bases: What the settings are declared to determine.
        ground: "0"; "1" for inverted labels; "X" if |1> was prepared as the ground state.
        reference: "measured" or "nominal".
        gaps: Of each qubit, where they are unequal: `{"A": 1, "B": 0.75}`.
        runs: Directory that holds the runs.
        name: Of data in memory, for errors and the record.

    Raises:
        RequestError: For anything wrong with the data; nothing is left on disk.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as runs:
        ...     result = import_counts({(0.0, "ZZ"): {"01": 1000}}, order="last", runs=runs)
        ...     result.table.query("observable == 'energy'")["value"].tolist()
        [1.0, 0.0]
    """
    words = {key: value for key, value in locals().items() if key not in ("counts", "experiment")}
    files = [counts] if isinstance(counts, str | Path) else counts
    if not (isinstance(files, list | tuple) and files and all(isinstance(one, str | Path) for one in files)):
        from devices.imports import import_counts as import_memory

        return Result(import_memory(counts, experiment=experiment, **words).path)
    return Result(_import_files([Path(one) for one in files], experiment, words))


def _import_files(files: list[Path], experiment: Experiment | None, words: Mapping[str, Any]) -> Path:
    """The run directory of imported files."""
    from hotward.commands.importing import carry_out_import
    from hotward.requests import ImportRequest

    given = {name: value for name, value in words.items() if name not in (*ONLY_IN_MEMORY, "labels", "gaps")}
    if words["covariance"] is not None:
        raise RequestError("Argument `covariance` belongs to density matrices in memory, but files are given. Drop it.")
    gaps, read = words["gaps"], words["read"]
    given["gaps"] = None if gaps is None else ",".join(f"{qubit}={gap}" for qubit, gap in gaps.items())
    given["read"] = read or None
    request = ImportRequest(
        files=files,
        protocol=None if experiment is None else experiment.name,
        values=[] if experiment is None else values_of(experiment),
        **checked_words(ImportRequest, {**given, "layout": words["labels"]}),
    )
    return carry_out_import(request, repeated_words(request), Silent()).path
