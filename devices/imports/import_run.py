"""A file of counts or expectation values measured elsewhere -> a sealed run directory, like any other run."""

from __future__ import annotations

import contextlib
import typing
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from devices.errors import FailedRun
from devices.imports.ancillas import AncillaColumns, ancilla_columns
from devices.imports.circuits import circuits_shown, preparation_shown
from devices.imports.counts import read_counts
from devices.imports.gaps import Given, gaps_of, recorded
from devices.imports.notations import (
    COUNTED,
    FEWEST,
    FIXED,
    as_counted,
    as_zero_and_one,
    in_order,
    looks_like_seconds,
    named,
    places_unread,
    settled,
    sites_of,
    with_sites,
    with_unread_bits,
)
from devices.imports.points import Declared, Foreign, declared
from devices.imports.references import Build, points_of, referred
from devices.imports.sheet import Sheet
from devices.imports.values import read_values
from devices.record import (
    COUNTS,
    EXPECTATIONS,
    IDEAL,
    IMPORTED,
    RunRecord,
    StartDocument,
    arrays,
    begin,
    disk,
    exact_states,
    journal,
    meanings,
    seal,
)
from protocols import Array, Experiment, Points, RequestError
from protocols.pair import READING_ARMS
from protocols.program import compared_exactly
from protocols.units import Gaps

if typing.TYPE_CHECKING:
    import pandas as pd

QUBITS, AXIS = ("A", "B"), "time"
GROUNDS = {
    "0": "",
    "1": "--ground 1: the file's labels are inverted (1 is the +1 eigenvalue); undone in every basis",
    "X": "--ground X: the ground state was prepared as |1> by an X gate on every qubit, which inverts Y and Z but "
    "not X; undone in Y and Z",
}


@dataclass(frozen=True, kw_only=True)
class _Origin:
    """What was carried out, as far as the request and the columns of the file say."""

    protocol: Any | None
    """Class of the protocol, where it is one of the catalogue."""
    known: Declared
    """Parameters that may be columns."""
    qubits: Sequence[str]
    ancillas: AncillaColumns
    ways: Mapping[str, str] = field(default_factory=dict)
    """What the columns show of the options of the run."""

    @property
    def axis(self) -> str:
        """The parameter that the sweep runs along."""
        return self.protocol.axis if self.protocol else AXIS


Check = Callable[[Experiment | None, Sequence[str], Points, Gaps | None], None]
"""Refuses what the data cannot give: (experiment, qubits, points, unequal gaps)."""


class ImportOptions(typing.TypedDict, total=False):
    """What may be said of measured data beside the data themselves; explained at `import_sheet`."""

    protocol: Any | None
    build: Build | None
    fixed: Collection[str]
    bases: str | None
    ground: str
    stderr: float | None
    reference: str
    gaps: Given
    runs: Path | str
    seed: int
    command: str
    about: Mapping[str, Any] | None
    check: Check | None


def import_sheet(
    sheet: Sheet,
    content: bytes,
    *,
    protocol: Any | None = None,
    build: Build | None = None,
    fixed: Collection[str] = (),
    bases: str | None = None,
    ground: str = "0",
    stderr: float | None = None,
    reference: str = "measured",
    gaps: Given = None,
    runs: Path | str = "runs",
    seed: int = 0,
    command: str = "",
    about: Mapping[str, Any] | None = None,
    check: Check | None = None,
) -> RunRecord:
    """Imports rows, wherever they come from, and returns the verified record of them.

    Args:
        sheet: The rows: of a file, or in memory (`Sheet.of`).
        content: What they were read from, byte for byte; kept as raw/imported.csv (.json, .npy, .npz).
        protocol: Class of the protocol that was carried out, where it is one of the catalogue.
        build: Makes its experiment at a point; needed with `protocol`.
        fixed: Parameters that the request sets; the columns of the file go before them, which is noted.
        bases: What the settings are declared to determine; None takes all settings.
        ground: How bits are labelled: "0", "1" or "X"; see `GROUNDS`.
        stderr: Standard error of all expectation values, where they have no column of it.
        reference: "measured" compares with the rows at time 0, "nominal" with the exact state.
        gaps: Gap of every qubit, numbers in one unit or quantities such as "5GHz"; None: they are equal.
        runs: Directory that holds the runs.
        seed: For the record.
        command: The command line that repeats the import, for the record.
        about: More for start.json: draws, preset, gap, notes.
        check: Raises a RequestError for what was asked of the data and they cannot give, before anything is written.

    Raises:
        RequestError: For anything wrong with the rows or the request; nothing is left on disk.
        FailedRun: If the disk fails.
    """
    digest, natural, given = disk.digest(content), "time" in sheet.cells, gaps_of(gaps, protocol, QUBITS)
    about = {**(about or {}), **({"gap": given.scale} if given and given.scale else {})}
    set_ = {*fixed, *(protocol.presets[about["preset"]].values if protocol and about.get("preset") else ())}
    build = with_sites(protocol, build, set_, sheet)
    sheet, origin = _understood(sheet, protocol, build, about.get("gap"))
    found = _read_rows(sheet, origin, bases, ground, stderr)
    _check_estimator(found, about.get("estimator"))
    build, started = as_counted(protocol, build, set_, found, sheet)
    experiment, points = points_of(found, build, origin.axis, sheet.name, origin.ways)
    prepared, mixed = preparation_shown(experiment, points, _last_member(found))
    points = replace(points, options={**points.options, **prepared})
    reference = "nominal" if compared_exactly(protocol) else reference
    points, compared = referred(points, origin.axis, reference)
    if check is not None:
        check(experiment, origin.qubits, points, None if given is None or given.equal else given)
    raw = f"{IMPORTED}{_ending(content)}"
    files: dict[str, bytes | str] = {f"raw/{raw}": content}
    if experiment:
        files[IDEAL] = arrays(_exact(experiment, points, reference == "nominal" or bool((points.reference >= 0).all())))
    slip = looks_like_seconds(points.parameters, about.get("gap")) if natural else ""
    said = [GROUNDS[ground], *sheet.notes, slip, *found.notes, started, compared, _overridden(found, fixed)]
    said += [origin.ancillas.lacking(experiment, points), mixed]
    table = _table(found, points, origin)
    start = _start_document(origin, found, experiment, points, table.columns, seed, command)
    notes = [note for note in (*said, given.note if given else "", *about.get("notes", ())) if note]
    start |= {**about, "notes": notes, "words": list(found.words), "ground": ground}
    start |= recorded(given, start["columns"])
    start["imported"] = _described(sheet.name, digest, sheet.rows_read, found)
    if COUNTED in started:
        start["imported"]["counted_start"] = True
    run = begin(Path(runs), f"{protocol.name}-import" if protocol else "import", start, files)
    return _sealed(run, EXPECTATIONS if found.words else COUNTS, table, raw, digest)


def _ending(content: bytes) -> str:
    """What a name of such content ends with."""
    if content[:6] == b"\x93NUMPY":
        return ".npy"
    if content[:4] == b"PK\x03\x04":
        return ".npz"
    return ".json" if content[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") else ".csv"


def _understood(sheet: Sheet, protocol: Any | None, build: Build | None, gap: str | None) -> tuple[Sheet, _Origin]:
    """The file in hotward's columns, and what was carried out."""
    known = declared(protocol)
    sheet = named(sheet, known, gap)
    origin = _origin(protocol, build, sheet, known)
    sheet = in_order(sheet, origin.qubits)
    sheet = as_zero_and_one(sheet, (*origin.qubits, *origin.ancillas.names))
    sheet = with_unread_bits(sheet, origin.qubits)
    taken = {*FIXED, *known, *origin.qubits, *origin.ancillas.names, "batch"}
    sheet, known = settled(sheet, taken, known, protocol is not None, origin.qubits)
    return sheet, replace(origin, known=known)


def _origin(protocol: Any | None, build: Build | None, sheet: Sheet, known: Declared) -> _Origin:
    carried_out = _carried_out(protocol, build, sheet, known)
    shown = circuits_shown(carried_out, sheet.cells)
    ancillas = ancilla_columns(sheet, shown.read)
    sites = () if {*QUBITS} & {*sheet.cells} or len(sites_of(sheet)) < FEWEST else sites_of(sheet)
    return _Origin(
        protocol=protocol,
        known=known,
        qubits=carried_out.qubits if carried_out else sites or QUBITS,
        ancillas=ancillas,
        ways={**shown.options, **({"feedback": "measured"} if any(ancillas.as_read) else {})},
    )


def _read_rows(sheet: Sheet, origin: _Origin, bases: str | None, ground: str, stderr: float | None) -> Foreign:
    """The rows, checked: expectation values where the file has Pauli words, counts elsewhere."""
    controls = None
    if origin.protocol:
        more = READING_ARMS if "first-reading" in origin.protocol.offers else ()
        controls = (*origin.protocol.controls, *more)
    shared = {"qubits": origin.qubits, "known": origin.known, "controls": controls, "asked": bases, "ground": ground}
    if "pauli" in sheet.cells:
        return read_values(sheet, **shared, common=stderr)
    if stderr is not None:
        raise RequestError(
            f"Argument `stderr` is {stderr:g}, but {sheet.name} has counts, which have their own errors. Leave it out."
        )
    return read_counts(sheet, **shared, ancillas=origin.ancillas)


def _last_member(found: Foreign) -> int:
    """The largest number of a member; that of expectation values, which are averages, is unknown."""
    return int(found.rows["member"].max()) if "member" in found.rows else -1


def _check_estimator(found: Foreign, estimator: object) -> None:
    if found.words and estimator == "per-member":
        raise RequestError(
            "Argument `estimator` is per-member, which needs counts of members, but the file has expectation values. "
            "Leave --estimator out."
        )


def _overridden(found: Foreign, fixed: Collection[str]) -> str:
    """One line about columns that go before what the request sets; empty if there are none."""
    overridden = [name for name in found.parameters if name in fixed]
    return f"taken from the file, not from --set: {', '.join(overridden)}" if overridden else ""


def _start_document(
    origin: _Origin,
    found: Foreign,
    experiment: Experiment | None,
    points: Points,
    columns: Iterable[str],
    seed: int,
    command: str,
) -> dict[str, Any]:
    """Content of start.json, but for what is said of the file itself; `columns` are those of the table."""
    protocol = origin.protocol
    return StartDocument(
        protocol=protocol.name if protocol else None,
        experiment=experiment,
        qubits=origin.qubits,
        system=(experiment or protocol).system if protocol else "".join(origin.qubits),
        registers=origin.ancillas.document(experiment, points),
        axis=origin.axis,
        points=points,
        bases=found.bases,
        shots=found.shots[1],
        calibration_shots=found.calibration_shots,
        shots_per_row=1,
        passes=1,
        alone=0,
        seed=seed,
        device={"name": "import", "noisy": True, "placements": [], "calibration": {}, "circuits": []},
        jobs=[],
        columns=meanings(columns, [specs[0] for specs in origin.known.values()]),
        command=command,
    ).content


def _described(name: str, digest: str, rows: int, found: Foreign) -> dict[str, object]:
    """What start.json says of the file itself."""
    return {
        "file": name,
        "sha256": digest,
        "rows": rows,
        "members": found.members,
        "shots": list(found.shots),
    }


def _carried_out(protocol: Any, build: Build | None, sheet: Sheet, known: Declared) -> Experiment | None:
    """The experiment of the first row: what its qubits and registers are may depend on the choices made."""
    if protocol is None or build is None:
        return None
    try:
        first = next((row for row, basis in enumerate(sheet.cells.get("basis", ())) if basis != "cal"), 0)
        named = [name for name in sheet.cells if name in known]
        values = {name: float(sheet.cells[name][first]) for name in named}
        # the longest circuit has all columns
        whole = [name for name in named if name == protocol.axis or all(one.whole for one in known[name])]
        return build(values | {name: max(float(text) for text in sheet.cells[name] if text) for name in whole})
    except (RequestError, ValueError, IndexError):  # what is wrong is said with row and column later
        return protocol()


def _sealed(run: Path, name: str, table: pd.DataFrame, raw: str, digest: str) -> RunRecord:
    """Writes the rows into a run that has begun, and seals it; `raw` is the imported file, with its digest."""
    try:
        journal.append(run, "imported", raw=raw, sha256=digest)
        disk.write(run / name, table.to_csv(index=False, lineterminator="\n"))
        sealed = seal(run, "done", known={f"raw/{raw}": digest})
    except Exception as error:
        with contextlib.suppress(OSError):
            seal(run, "failed", f"{type(error).__name__}: {error}")
        raise FailedRun(
            f"{run} failed: {type(error).__name__}: {error}. The file itself is safe; make room and import it again."
        ) from error
    return RunRecord.of(run, sealed)


def file_content(path: Path) -> bytes:
    """Content of the file to import.

    Raises:
        RequestError: If it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise RequestError(
            f"Argument `file` must be a file that can be read, but {path} cannot: {error.strerror}. Check the path."
        ) from None


def _exact(experiment: Experiment, points: Points, compared: bool) -> dict[str, Array]:
    """Content of ideal.npz; without states to compare with where points have no reference."""
    exact = exact_states(experiment, points)
    return {name: v for name, v in exact.items() if compared or "reference_" not in name}


def _table(found: Foreign, points: Points, origin: _Origin) -> pd.DataFrame:
    """Rows of counts.csv or expectations.csv; empty cells where a qubit was not read."""
    point = found.rows["point"].to_numpy()
    rows = found.rows.drop(columns="point")
    for place, qubit in enumerate(origin.qubits if any("I" in basis for basis in found.bases) else ()):
        rows[qubit] = rows[qubit].astype("Int64").mask(places_unread(list(rows["basis"]), place))
    swept = [name for name in points.parameters if name in found.parameters or name == origin.axis]
    for place, name in enumerate(swept):
        rows.insert(place, name, np.where(point < 0, np.nan, points.parameters[name][point]))
    return rows
