"""Jobs of a run on hardware as its journal has them: id, state and what was charged."""

from __future__ import annotations

from collections.abc import Sequence

from devices import RunRecord
from devices.record.journal import PlatformJob, ledger_of, readable_lines


def platform_jobs(record: RunRecord) -> tuple[PlatformJob, ...]:
    """Every job that the journal knows, in the order they were submitted; none for a simulator."""
    if record.start["device"].get("method") != "hardware":
        return ()
    return ledger_of(readable_lines(record.path)).platform_jobs


def charged(jobs: Sequence[PlatformJob]) -> float:
    """Seconds charged for all of them, as far as the platform said."""
    return sum(job.seconds or 0.0 for job in jobs)
