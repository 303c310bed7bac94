"""Jobs of a run on hardware as its journal has them: id, state and what was charged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from devices import RunRecord
from devices.record import disk as _disk
from devices.record.files import JOBS


@dataclass(frozen=True, kw_only=True)
class PlatformJob:
    """One job on the platform."""

    job: int | None
    """Of the run; None for one too many, which was cancelled."""
    identifier: str
    state: str = ""
    seconds: float | None = None
    """Charged; None where the platform did not say."""


def platform_jobs(record: RunRecord) -> tuple[PlatformJob, ...]:
    """Every job that the journal knows, in the order they were submitted; none for a simulator."""
    if record.start["device"].get("method") != "hardware":
        return ()
    found: dict[str, PlatformJob] = {}
    for line in _disk.read_lines(record.path / JOBS):
        identifier = str(line.get("id") or "")
        if line.get("event") not in ("submitted", "final", "surplus") or not identifier:
            continue
        job = None if line["event"] == "surplus" else line.get("job")
        known = found.get(identifier, PlatformJob(job=job, identifier=identifier))
        state, seconds = line.get("status") or known.state, line.get("seconds")
        found[identifier] = replace(known, job=job, state=state, seconds=known.seconds if seconds is None else seconds)
    return tuple(found.values())


def charged(jobs: Sequence[PlatformJob]) -> float:
    """Seconds charged for all of them, as far as the platform said."""
    return sum(job.seconds or 0.0 for job in jobs)
