"""Every job of a run on a simulator measured, over as many processes as there are; raw counts go to disk as they come.

A job that falls into several pieces keeps each of them in `raw/pieces` until its own file is whole, and the journal has
the digest of each. Whoever goes on with the run measures the pieces that are not there, with the same seeds.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from devices.errors import FailedRun, Interrupted
from devices.model import Device, DividedDevice, Job, Piece, Plan
from devices.prepare import Progress
from devices.raw_results import is_part_of, raw_result
from devices.record import Tally, disk, journal
from devices.record import counts as _counts
from devices.record.files import PIECES
from workers import Workers, spread


def measure(plan: Plan, device: Device, run: Path, workers: Workers, progress: Progress) -> dict[int, bytes]:
    """Measures whatever of a run has not been measured.

    Args:
        plan: What to measure.
        device: A simulator.
        run: Run directory; raw results that it has are used.
        workers: Who measures pieces; a device whose jobs do not fall into any measures in this process.
        progress: Told of the shots of jobs and pieces that are done.

    Returns:
        The content of the raw file of each job.

    Raises:
        FailedRun: If the device fails.
        Interrupted: After Ctrl-C, where another process can go on.
        DamagedRun: If a raw result is not what was written.
    """
    raw = {job.index: raw_result(plan, job, run) for job in plan.jobs if _counts.raw_path(run, job).is_file()}
    left = [job for job in plan.jobs if job.index not in raw]
    total = sum(job.shots for job in plan.jobs)
    told = _Told(progress, total, total - sum(job.shots for job in left))
    if isinstance(device, DividedDevice):
        try:
            return raw | _measured_in_pieces(plan, device, left, run, workers, told)
        except KeyboardInterrupt:
            raise Interrupted(f"interrupted; what was measured is kept. Go on: hotward collect {run}") from None
    for job in left:
        journal.append(run, "intended", job=job.index, digest=job.digest, shots=job.shots)
        identifier = device.submit(plan, job, run)
        path = device.collect(plan, job, run)
        if path is None:
            raise FailedRun(f"job {job.index} ({identifier}) is still pending")
        raw[job.index] = _collected(job, identifier, path, run)
        told.more(job.shots)
    return raw


@dataclass(eq=False)
class _Told:
    """Shots that are done, counted on."""

    progress: Progress
    total: int
    done: int

    def more(self, shots: int) -> None:
        self.done += shots
        if shots:
            self.progress("measuring", self.done, self.total)


def _collected(job: Job, identifier: str, path: Path, run: Path) -> bytes:
    """The raw result of a job that was just measured, of which the journal learns."""
    journal.append(run, "submitted", job=job.index, id=identifier)
    content = disk.read(path)
    digest = disk.digest(content)
    journal.append(run, "collected", job=job.index, id=identifier, raw=path.name, sha256=digest)
    return content


def _measured_in_pieces(
    plan: Plan, device: DividedDevice, left: Sequence[Job], run: Path, workers: Workers, told: _Told
) -> dict[int, bytes]:
    """The raw results of some jobs, by job; each is written as soon as its last piece is there."""
    kept = _kept_pieces(plan, run)
    jobs = [_Job.of(job, device.pieces(plan, job), kept) for job in left]
    name, found = device.name.partition(":")[0], dict[int, bytes]()
    for own in jobs:
        journal.append(run, "intended", job=own.job.index, digest=own.job.digest, shots=own.job.shots)
        told.more(own.newly_done())
        if own.whole:
            found[own.job.index] = _joined(own, name, run)
    waiting = [(own, piece) for own in jobs for piece in own.pieces if piece not in own.found]
    tasks = _Tasks(plan=plan, device=device, waiting=waiting)
    for index, tallies in spread(device.measure, tasks, workers):
        own, piece = waiting[index]
        own.found[piece] = tallies
        if own.whole:
            found[own.job.index] = _joined(own, name, run)
        else:
            _keep(own.job, piece, tallies, run)
        told.more(own.newly_done())
    return found


@dataclass(kw_only=True, eq=False)
class _Job:
    """A job that is being measured."""

    job: Job
    pieces: Sequence[Piece]
    found: dict[Piece, Sequence[Tally]]
    told: int = 0
    """Shots that the progress knows of."""

    @classmethod
    def of(cls, job: Job, pieces: Sequence[Piece], kept: Mapping[Piece, Sequence[Tally]]) -> _Job:
        """With what is kept of it."""
        return cls(job=job, pieces=pieces, found={piece: kept[piece] for piece in pieces if piece in kept})

    @property
    def whole(self) -> bool:
        """Whether all of it is measured."""
        return len(self.found) == len(self.pieces)

    def newly_done(self) -> int:
        """Shots that were measured since this was asked last; pieces count alike."""
        done = self.job.shots * len(self.found) // len(self.pieces)
        self.told, more = done, done - self.told
        return more


@dataclass(kw_only=True, eq=False)
class _Tasks(Sequence[Any]):
    """What processes are given, made when it is asked for: a long run has more of it than memory should hold."""

    plan: Plan
    device: DividedDevice
    waiting: Sequence[tuple[_Job, Piece]]
    templates: dict[int, Any] = field(default_factory=dict)
    """Of the job that was asked for last."""

    def __len__(self) -> int:
        return len(self.waiting)

    def __getitem__(self, index: Any) -> Any:
        own, piece = self.waiting[index]
        if own.job.index not in self.templates:
            self.templates = {own.job.index: self.device.templates(self.plan, own.job)}
        return self.device.task(self.plan, own.job, piece, self.templates[own.job.index])


def _joined(own: _Job, name: str, run: Path) -> bytes:
    """The raw result of a job all of whose pieces are there; their files are not needed any more."""
    path = _counts.store(own.job, _counts.joined(own.job, own.found), run)
    content = _collected(own.job, f"{name}-{own.job.index}", path, run)
    forget_pieces(own.job, run)
    return content


def _keep(job: Job, piece: Piece, tallies: Sequence[Tally], run: Path) -> None:
    """Puts the tallies of a piece on disk, and their digest into the journal."""
    (run / PIECES).mkdir(exist_ok=True)
    content = json.dumps([dict(sorted(tally.items())) for tally in tallies]) + "\n"
    name = _name(piece)
    disk.write(run / PIECES / name, content)
    journal.append(run, "measured", job=job.index, raw=name, sha256=disk.digest(content.encode()))


def _name(piece: Piece) -> str:
    return f"job-{piece.job:03d}-call-{piece.call:03d}-slots-{piece.first}-{piece.end}.json"


def _kept_pieces(plan: Plan, run: Path) -> dict[Piece, Sequence[Tally]]:
    """What is on disk of jobs that are not whole; a piece that is not what was measured is measured again."""
    jobs = {job.index: job for job in plan.jobs}
    digests = {line.raw: line.sha256 for line in journal.readable_lines(run) if line.event == "measured"}
    found: dict[Piece, Sequence[Tally]] = {}
    for path in sorted((run / PIECES).glob("job-*.json")):
        numbers = re.fullmatch(r"job-(\d+)-call-(\d+)-slots-(\d+)-(\d+)\.json", path.name)
        if numbers is None or int(numbers[1]) not in jobs:
            continue
        job, call, first, end = map(int, numbers.groups())
        content = disk.read(path)
        if disk.digest(content) == digests.get(path.name) and is_part_of(plan, jobs[job].slots[first:end], content):
            found[Piece(job=job, call=call, first=first, end=end)] = _counts.load(content)
    return found


def forget_pieces(job: Job, run: Path) -> None:
    """Removes the pieces of a job whose raw result is on disk.

    Args:
        job: Which.
        run: Run directory.
    """
    for path in (run / PIECES).glob(f"job-{job.index:03d}-*.json"):
        path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # not there, or not empty
        (run / PIECES).rmdir()
