"""A finished run: an immutable, verified view of its directory, whose files are read once (format: runs/README.md)."""

from __future__ import annotations

import io
import typing
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from devices.errors import DamagedRun, ForeignRun, PendingRun, UnfinishedRun
from devices.record import disk
from devices.record.counts import ALONE
from devices.record.files import COUNTS, EXPECTATIONS, IDEAL, START, STOP, WITHIN
from devices.record.progress import how_to_go_on, progress, read_start, remote
from devices.record.sealing import Sealed, attended, verified
from devices.record.stored_arrays import stored_arrays
from protocols import Array, Points
from protocols.units import Gaps

if typing.TYPE_CHECKING:
    import pandas as pd

Status = typing.Literal["done", "failed", "pending", "unfinished", "damaged", "foreign"]


@dataclass(frozen=True, eq=False)
class RunRecord:
    """Immutable, verified view of one run directory."""

    path: Path
    start: Mapping[str, Any]
    """Content of start.json."""
    stop: Mapping[str, Any]
    """Content of stop.json."""
    contents: Mapping[str, bytes] | None = field(default=None, repr=False)
    """The files that an analysis reads, as they were when they were verified; None: they are read when needed."""
    unsealed: tuple[str, ...] = field(default=(), repr=False)
    """Files in the directory that the seal does not name: whoever put them there, nothing of them is used."""
    left_out: tuple[str, ...] = ()
    """Arms that `counts` and `ideal` do without; see `without`."""
    copy: int | None = None
    """The only copy of the experiment that `counts` has; None: all that were run. See `apart`."""
    rows: pd.DataFrame | None = field(default=None, repr=False)
    """Counts that were read before; None: they are read when needed."""

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
        if path.is_dir() and (path / STOP).exists():
            return cls.of(path, verified(path))
        start = read_start(path)
        if remote(start):
            raise PendingRun(
                f"{path} is pending on {start['device']['name']}: {progress(path, start)}. Go on with it: hotward "
                f"collect {path}"
            )
        raise UnfinishedRun(
            f"{path} is unfinished, interrupted or still running: {progress(path, start)}. {how_to_go_on(path, start)}"
        )

    @classmethod
    def of(cls, path: Path, sealed: Sealed) -> RunRecord:
        """The record of a run that was just sealed or verified, without reading anything again.

        Args:
            path: Run directory.
            sealed: What `seal` or `verified` gives.

        Raises:
            UnfinishedRun: If the device failed.
        """
        start = read_start(path, sealed.contents.get(START))
        if sealed.stop["status"] != "done":
            reason = sealed.stop["reason"]
            raise UnfinishedRun(f"{path} failed: {reason}. {progress(path, start)}. {how_to_go_on(path, start)}")
        return cls(path, start, sealed.stop, sealed.contents, sealed.unsealed)

    def without(self, arms: Collection[str]) -> RunRecord:
        """The same run as if its last arms had not been measured.

        Args:
            arms: Which; main is not among them, and none of the others comes after them.
        """
        if not arms:
            return self
        kept = [arm for arm in self.start["arms"] if arm not in arms]
        points = dict(self.start["points"])
        points["options"] = {**points["options"], "control": ",".join(kept[1:])}
        start = {**self.start, "arms": kept, "points": points}
        return replace(self, start=start, left_out=tuple(arms))

    def apart(self) -> tuple[RunRecord, ...]:
        """The run of every copy by itself, in the order of their numbers, without reading anything again."""
        each = self._counts.groupby("copy", sort=True)
        return tuple(replace(self, copy=int(str(copy)), rows=rows.reset_index(drop=True)) for copy, rows in each)

    def content(self, name: str) -> bytes | None:
        """A file that belongs to the run, None if it has none of this name.

        Args:
            name: Relative to the run directory; one of `devices.record.sealing.KEPT`.
        """
        if self.contents is not None:
            return self.contents.get(name)
        return disk.read(self.path / name) if (self.path / name).exists() else None

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
    def gaps(self) -> Gaps | None:
        """Gaps of the qubits where they are unequal; None: all are the unit of energy."""
        gaps = Gaps(of=self.start.get("gaps") or {}, scale=self.start.get("gap"))
        return None if gaps.equal else gaps

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

    @cached_property
    def copies(self) -> int:
        """Copies of the experiment that were measured side by side; 1 where there are expectation values."""
        if self.content(COUNTS) is None:
            return 1
        return max(1, int(self._all_counts["copy"].nunique())) if "copy" in self._all_counts else 1

    def counts(self) -> pd.DataFrame:
        """counts.csv: `prepared` as text, real numbers exactly as written, absent values as NaN.

        Rows of copies that ran alone are not among them: they check the others, and are never pooled with them.
        """
        return self._counts.copy(deep=False)

    @cached_property
    def _counts(self) -> pd.DataFrame:
        rows = self._all_counts
        return rows[rows[ALONE] == 0].drop(columns=ALONE).reset_index(drop=True) if ALONE in rows else rows

    def alone(self) -> pd.DataFrame | None:
        """Rows of counts.csv of copies that ran while all others idled; None in a run that has none."""
        rows = self._all_counts
        return rows[rows[ALONE] != 0].drop(columns=ALONE).reset_index(drop=True) if ALONE in rows else None

    @cached_property
    def _all_counts(self) -> pd.DataFrame:
        if self.rows is not None:
            return self.rows
        real, text = (*self.points.parameters, "weight"), ("arm", "role", "basis", "prepared")
        rows = _table(self._required(COUNTS), real, text)
        return rows[~rows["arm"].isin(self.left_out)].reset_index(drop=True) if self.left_out else rows

    @property
    def bit_columns(self) -> list[str]:
        """Columns of counts.csv that hold bits, in the order of the letters of a basis."""
        names = list(self._counts.columns)
        return names[names.index("prepared") + 1 : names.index("count")]

    @cached_property
    def within_shots(self) -> Mapping[str, Array]:
        """Sums over shots that several copies shared, by the names of `devices.chip.crosstalk.WithinShots`.

        Empty where copies were not measured in one shot.
        """
        content = self.content(WITHIN)
        return {} if content is None else self._read_arrays(WITHIN, content)

    def expectations(self) -> pd.DataFrame | None:
        """expectations.csv, real numbers exactly as written; None in a run that has counts."""
        return None if self._expectations is None else self._expectations.copy(deep=False)

    @cached_property
    def _expectations(self) -> pd.DataFrame | None:
        content = self.content(EXPECTATIONS)
        real, text = (*self.points.parameters, "value", "stderr"), ("arm", "role", "pauli")
        return None if content is None else _table(content, real, text)

    def ideal(self) -> dict[str, Array]:
        """Exact states, (arms, points, d, d): `state`, `reference_state` and, on a fine grid, `fine_state`.

        `device_state` and `device_register_NAME` are what the noise model predicts, if known. Empty without a protocol.
        Arrays are shared by all callers and cannot be written to.
        """
        return dict(self._ideal)

    @cached_property
    def _ideal(self) -> Mapping[str, Array]:
        content = self.content(IDEAL)
        if content is None:
            return {}
        arrays = self._read_arrays(IDEAL, content)
        if self.left_out:
            number = len(self.start["arms"])
            arrays = {
                name: _of_arms(name, values, number)
                if name.endswith("state") or "register_" in name or "moment_" in name
                else values
                for name, values in arrays.items()
            }
        for values in arrays.values():
            values.setflags(write=False)
        return arrays

    def _read_arrays(self, name: str, content: bytes) -> dict[str, Array]:
        try:
            return stored_arrays(content)
        except ValueError as error:
            raise DamagedRun(f"{self.path} is damaged: {name} {error}. Restore it from a copy.") from None

    def _required(self, name: str) -> bytes:
        content = self.content(name)
        if content is None:
            raise DamagedRun(f"{self.path} is damaged: {name} is missing. Restore it from a copy.")
        return content


def _of_arms(name: str, values: Array, number: int) -> Array:
    """The first arms alone; where the noise model predicts several copies the arms are the second axis."""
    of_one = 2 if "register_" in name else 4
    return values[:, :number] if name.startswith("device_") and values.ndim > of_one else values[:number]


def _table(content: bytes, real: Iterable[str], text: Iterable[str]) -> pd.DataFrame:
    """A CSV file: real numbers exactly as written, some columns as text."""
    import pandas as pd

    # pandas' own parser may be off in the last digit; float() is not
    exactly = dict.fromkeys(real, lambda number: float(number or "nan"))
    return pd.read_csv(io.BytesIO(content), dtype=dict.fromkeys(text, str), converters=exactly)


def status(path: Path, *, whole: bool = True) -> tuple[Status, str]:
    """State of a directory and one sentence about it; never raises for a directory that exists.

    Args:
        path: Run directory.
        whole: Whether every file is read and compared with its digest; else its documents alone are.
    """
    try:
        if not whole and (path / STOP).exists():
            RunRecord.of(path, attended(path))
            return "done", f"{path} is complete"
        record = RunRecord.open(path)
    except ForeignRun as error:
        return "foreign", str(error)
    except DamagedRun as error:
        return "damaged", str(error)
    except PendingRun as error:
        return "pending", str(error)
    except UnfinishedRun as error:
        return ("failed" if (path / STOP).exists() else "unfinished"), str(error)
    return "done", f"{record.path} is complete and unchanged{beside_the_seal(record)}"


def beside_the_seal(record: RunRecord) -> str:
    """What to say of files that are in the directory and do not belong to the run; empty without any."""
    if not record.unsealed:
        return ""
    more = f" and {len(record.unsealed) - 3} more" if len(record.unsealed) > 3 else ""
    return f"; ignored, since they were added after it was sealed: {', '.join(record.unsealed[:3])}{more}"
