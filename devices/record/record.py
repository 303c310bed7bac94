"""A run on disk: begun before the first shot, appended to, sealed last (format: runs/README.md).

`begin` writes everything known before the first shot; `journal.append` appends to jobs.jsonl; `seal` writes stop.json
with the digest of every other file. `RunRecord.open` gives an immutable, verified view.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import secrets
import shutil
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from devices.model import DamagedRun, ForeignRun, PendingRun, UnfinishedRun
from devices.record import disk as _disk
from devices.record import journal
from devices.record.files import COMPARISON as COMPARISON
from devices.record.files import COUNTS as COUNTS
from devices.record.files import DERIVED as DERIVED
from devices.record.files import EXPECTATIONS as EXPECTATIONS
from devices.record.files import IDEAL as IDEAL
from devices.record.files import IMPORTED as IMPORTED
from devices.record.files import JOBS as JOBS
from devices.record.files import PLAN as PLAN
from devices.record.files import REPRODUCTION as REPRODUCTION
from devices.record.files import SCHEMA as SCHEMA
from devices.record.files import START as START
from devices.record.files import STOP as STOP
from protocols import Array, Points, RequestError

if typing.TYPE_CHECKING:
    import pandas as pd

Status = typing.Literal["done", "failed", "pending", "unfinished", "damaged", "foreign"]


def begin(runs: Path, name: str, start: Mapping[str, Any], files: Mapping[str, bytes | str]) -> Path:
    """Makes a new run directory with all that is known before the first shot.

    Args:
        runs: Where runs are kept; made if it does not exist.
        name: What the directory's name says beside the date: protocol and device.
        start: Content of start.json; `run` and `created` are added.
        files: Relative name -> content of the other files.

    Returns:
        The directory.

    Raises:
        RequestError: If the place cannot be written; nothing is left there.
        OSError: If the disk fills up; nothing is left there.
    """
    now = datetime.now(UTC)
    run = runs / f"{now:%Y%m%d-%H%M%S}-{name}-{secrets.token_hex(4)}"
    fresh = False
    try:
        fresh = not runs.exists()
        runs.mkdir(parents=True, exist_ok=True)
        run.mkdir()
    except OSError as error:
        raise RequestError(
            f"Argument `runs` must be a directory that can be written, but {runs} cannot: {error.strerror}. "
            "Choose another with --runs DIR."
        ) from None
    try:
        _disk.sync(runs)
        (run / "raw").mkdir()
        for relative, content in files.items():
            (run / relative).parent.mkdir(exist_ok=True)
            _disk.write(run / relative, content)
        _disk.write_json(run / START, {"schema": SCHEMA, "run": run.name, "created": now.isoformat(), **start})
    except BaseException:
        shutil.rmtree(run, ignore_errors=True)
        if fresh:
            with contextlib.suppress(OSError):
                runs.rmdir()
        raise
    return run


def seal(run: Path, status: typing.Literal["done", "failed"], reason: str = "") -> None:
    """Writes stop.json: status, time and the sha256 of every other file but derived ones."""
    files = {str(path.relative_to(run)): _disk.sha256(path) for path in _kept(run)}
    stop = {"status": status, "reason": reason, "stopped": datetime.now(UTC).isoformat(), "sha256": files}
    _disk.write_json(run / STOP, {**stop, "seal": _own_digest(stop)})


@dataclass(frozen=True, eq=False)
class RunRecord:
    """Immutable, verified view of one run directory."""

    path: Path
    start: Mapping[str, Any]
    """Content of start.json."""
    stop: Mapping[str, Any]
    """Content of stop.json."""

    @classmethod
    def open(cls, path: Path | str) -> RunRecord:
        """Opens and verifies a finished run.

        Raises:
            ForeignRun: If the directory is not one of hotward's, or written by a newer version.
            PendingRun: If its jobs are on a platform and not all collected.
            UnfinishedRun: If it has no stop.json, or the device failed.
            DamagedRun: If a file differs from what was sealed; all such files are named.
        """
        path = Path(path)
        if not path.is_dir():
            read_start(path)
        stop = _verified_stop(path) if (path / STOP).exists() else None
        start = read_start(path)
        if stop is None and remote(start):
            raise PendingRun(
                f"{path} is pending on {start['device']['name']}: {_progress(path, start)}. Go on with it: hotward "
                f"collect {path}"
            )
        if stop is None:
            raise UnfinishedRun(
                f"{path} is unfinished, interrupted or still running: {_progress(path, start)}. {_repeat(start)}"
            )
        if stop["status"] != "done":
            raise UnfinishedRun(f"{path} failed: {stop['reason']}. {_progress(path, start)}. {_repeat(start)}")
        return cls(path, start, stop)

    @cached_property
    def points(self) -> Points:
        """The sweep as it was run."""
        stored = self.start["points"]
        return Points(
            parameters={name: np.array(values, dtype=float) for name, values in stored["parameters"].items()},
            options=stored["options"],
            reference=np.array(stored["reference"], dtype=int),
            reference_only=np.array(stored["added"], dtype=bool),
        )

    @property
    def system(self) -> str:
        """Subject of what belongs to all qubits of the system."""
        return self.start.get("system") or "".join(self.start["qubits"])

    @property
    def registers(self) -> Mapping[str, Any]:
        """Columns of each register of ancillas, in time; empty in a run that has none."""
        return self.start.get("registers") or {}

    @property
    def batches(self) -> int:
        """Independent draws of a random preparation; 0 where every member of the ensemble is exact."""
        options = self.start["points"]["options"]
        return int(options["batches"]) if options.get("preparation") == "random" else 0

    def fine_points(self, stored: Mapping[str, Array]) -> Points:
        """The grid of `fine_state` in `ideal()`: the sweep's other parameters, the axis in small steps."""
        parameters = {name: stored[f"fine_{name}"] for name in self.points.parameters}
        nowhere = np.full(len(parameters[self.start["axis"]]), -1)
        return Points(parameters=parameters, options=self.points.options, reference=nowhere, reference_only=nowhere > 0)

    def counts(self) -> pd.DataFrame:
        """counts.csv: `prepared` as text, real numbers exactly as written, absent values as NaN."""
        import pandas as pd

        # pandas' own parser may be off in the last digit; float() is not
        real = dict.fromkeys((*self.points.parameters, "weight"), lambda text: float(text or "nan"))
        text = {"arm": str, "role": str, "basis": str, "prepared": str}
        return pd.read_csv(self.path / COUNTS, dtype=text, converters=real)

    def expectations(self) -> pd.DataFrame | None:
        """expectations.csv, real numbers exactly as written; None in a run that has counts."""
        import pandas as pd

        if not (self.path / EXPECTATIONS).exists():
            return None
        real = dict.fromkeys((*self.points.parameters, "value", "stderr"), lambda text: float(text or "nan"))
        text = {"arm": str, "role": str, "pauli": str}
        return pd.read_csv(self.path / EXPECTATIONS, dtype=text, converters=real)

    def ideal(self) -> dict[str, Array]:
        """Exact states, (arms, points, d, d): `state`, `reference_state` and, on a fine grid, `fine_state`.

        `device_state` is what the device's noise model predicts, where it is known. Empty without a protocol.
        """
        if not (self.path / IDEAL).exists():
            return {}
        with np.load(self.path / IDEAL) as stored:
            return {name: stored[name] for name in stored.files}


def status(path: Path) -> tuple[Status, str]:
    """State of a directory and one sentence about it; never raises for a directory that exists."""
    try:
        record = RunRecord.open(path)
    except ForeignRun as error:
        return "foreign", str(error)
    except DamagedRun as error:
        return "damaged", str(error)
    except PendingRun as error:
        return "pending", str(error)
    except UnfinishedRun as error:
        return ("failed" if (path / STOP).exists() else "unfinished"), str(error)
    return "done", f"{record.path} is complete and unchanged"


def remote(start: Mapping[str, Any]) -> bool:
    """Whether the jobs of a run are on a platform, where other processes can collect them."""
    return start["device"].get("method") == "hardware"


def read_start(path: Path) -> dict[str, Any]:
    """start.json of a run directory, whatever the state of the run.

    Raises:
        ForeignRun: If it is not one of hotward's, or written by a newer version.
        DamagedRun: If it cannot be read.
    """
    if not path.is_dir():
        what = "is a file" if path.exists() else "does not exist"
        raise ForeignRun(f"{path} is not a run directory: it {what}. hotward runs lists what there is.")
    if not (path / START).exists():
        raise ForeignRun(f"{path} is not a run of hotward: it has no {START}{_abandoned(path)}.")
    try:
        start = json.loads((path / START).read_text())
        schema = start["schema"]
        if schema == SCHEMA:
            len(start["jobs"])  # what `_progress` counts
    except (OSError, ValueError, KeyError, TypeError):
        raise DamagedRun(f"{path} is damaged: {START} is not readable. Restore it from a copy.") from None
    if schema != SCHEMA:
        raise ForeignRun(f"{path} has schema {schema}, but this version reads {SCHEMA}. Update hotward.")
    return start


def _abandoned(path: Path) -> str:
    """Whether a directory holds only what `begin` writes before start.json."""
    early = {"raw", "circuits", "backend", "plan.json", "plan.npz", IDEAL}
    ours = [entry.name in early or entry.name.endswith(".part") for entry in path.iterdir()]
    measured = (path / "raw").is_dir() and any((path / "raw").iterdir())
    if not ours or not all(ours) or measured:
        return ""
    return ", only what a run writes first: it was interrupted before any shot, nothing was measured, delete it"


def _verified_stop(path: Path) -> dict[str, Any]:
    try:
        stored = (path / STOP).read_text()
        stop = json.loads(stored)
        sealed = stop.pop("seal")
        # the text too: a byte changed where JSON does not care is still a byte changed
        intact = sealed == _own_digest(stop) and stored == _disk.as_json({**stop, "seal": sealed})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        intact = False
        stop = {}
    if not intact:
        raise DamagedRun(f"{path} is damaged: {STOP} was changed. Restore it from a copy.")
    wrong = [
        name
        for name, digest in stop["sha256"].items()
        if not (path / name).is_file() or _disk.sha256(path / name) != digest
    ]
    if wrong:
        raise DamagedRun(
            f"{path} is damaged: {', '.join(wrong)} changed since the run was sealed. Restore from a copy."
        )
    return stop


def _own_digest(stop: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(stop, sort_keys=True).encode()).hexdigest()


def _kept(run: Path) -> list[Path]:
    """Every file that belongs to the measurement, in a fixed order."""
    found = []
    for folder, folders, names in os.walk(run):
        if Path(folder) == run:
            folders[:] = [name for name in folders if name != DERIVED]
        found += [Path(folder) / name for name in names if name != STOP]
    return sorted(found)


def _progress(path: Path, start: Mapping[str, Any]) -> str:
    if remote(start):
        return _remote_progress(path, len(start["jobs"]))
    collected = sum(line.event == "collected" for line in journal.readable_lines(path))
    raw = len(list((path / "raw").glob("job-*.json")))
    kept = f"raw results of {raw} are in {path / 'raw'}" if raw else "nothing was measured"
    if start.get("imported"):
        return f"the imported file is {path / 'raw' / IMPORTED}"
    return f"{collected} of {len(start['jobs'])} jobs were collected, {kept}"


def _remote_progress(path: Path, jobs: int) -> str:
    """How far the jobs of a hardware run are, from its journal alone."""
    entries = list(journal.read_journal(path).entries.values())
    submitted = sum(entry.identifier != "" for entry in entries)
    unknown = sum(entry.open is not None and not entry.identifier for entry in entries)
    failed = sum(entry.state in ("ERROR", "CANCELLED") for entry in entries)
    told = f"{submitted} of {jobs} jobs were submitted, {sum(entry.collected != '' for entry in entries)} collected"
    told += f", {unknown} sent without an answer" if unknown else ""
    return told + (f", {failed} did not finish (hotward collect {path} --resubmit sends them again)" if failed else "")


def _repeat(start: Mapping[str, Any]) -> str:
    command = start.get("command")
    return f"Repeat it with: {command}" if command else "Run it again."


def arrays(content: Mapping[str, Array]) -> bytes:
    """Arrays as the bytes of an .npz file."""
    buffer = io.BytesIO()
    np.savez(buffer, **typing.cast("dict[str, Any]", dict(content)))
    return buffer.getvalue()
