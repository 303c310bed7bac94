"""Raw results of a run on a simulator, compared with what was asked for and with the journal before they are used."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from devices.errors import DamagedRun
from devices.model import Job, Plan, ResultAddress
from devices.record import counts, disk, journal
from devices.record.counts import Tally


def raw_result(plan: Plan, job: Job, run: Path) -> bytes:
    """A raw result that is what the job asked for, and what the journal says of it, which learns of it otherwise.

    Args:
        plan: What is measured.
        job: Whose raw file is there.
        run: Run directory.

    Raises:
        DamagedRun: If it is not.
    """
    path = counts.raw_path(run, job)
    content = disk.read(path)
    digest = disk.digest(content)
    known = [line.sha256 for line in journal.readable_lines(run) if line.event == "collected" and line.job == job.index]
    if (known and known[-1] != digest) or not is_part_of(plan, job.slots, content, whole=True):
        raise DamagedRun(f"{run} is damaged: {path.name} is not the result of job {job.index}. Restore it from a copy.")
    if not known:
        journal.append(run, "collected", job=job.index, raw=path.name, sha256=digest)
    return content


def is_part_of(plan: Plan, slots: Sequence[ResultAddress], content: bytes, *, whole: bool = False) -> bool:
    """Whether tallies are as many as some slots, each with its bits and with shots that the slot has.

    Args:
        plan: What is measured.
        slots: Of a job.
        content: Of a raw file.
        whole: Whether each has all shots of its slot, and not a part of them.
    """
    try:
        tallies: Sequence[Tally] = counts.load(content)
        return len(tallies) == len(slots) and all(
            all(_is_outcome(plan, slot, *found) for found in tally.items())
            and (sum(tally.values()) == slot.shots if whole else sum(tally.values()) <= slot.shots)
            for tally, slot in zip(tallies, slots, strict=True)
        )
    except (ValueError, TypeError, AttributeError, RecursionError):
        return False


def _is_outcome(plan: Plan, slot: ResultAddress, bits: str, number: object) -> bool:
    length = len(plan.program.blocks[slot.block].setting.outcomes)
    return len(bits) == length and set(bits) <= {"0", "1"} and type(number) is int and number >= 0
