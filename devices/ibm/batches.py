"""The batch that the jobs of a run share: a help for the queue, never a place where anything could be lost.

Nobody can list batches. One that was asked for without an answer stays in the journal as lost: it holds no job, costs
nothing and ends by the limit that every batch is given; the run goes on without one.
"""

from __future__ import annotations

import typing
from functools import partial
from pathlib import Path
from typing import Any

from devices.errors import PlatformError, Refused
from devices.ibm.cloud import Cloud
from devices.record import journal, read_journal

if typing.TYPE_CHECKING:
    from qiskit_ibm_runtime import IBMBackend

LONGEST = 8 * 3600
"""Of a batch [s]: IBM's own default. Whether its clock runs while the first job waits is not known."""


def current(cloud: Cloud, run: Path, backend: IBMBackend) -> Any | None:
    """The batch of a run that takes jobs, opened if there is none; None where there cannot be one.

    Args:
        cloud: The instance.
        run: Run directory.
        backend: Where the jobs run.

    Raises:
        PlatformError: If the platform does not say whether a known batch takes jobs.
    """
    book = read_journal(run)
    for identifier, state in book.batches.items():
        if identifier and state == "open":
            if cloud.accepts(identifier):
                return cloud.batch(identifier)
            # closed it is only once it says so after it was told to: this may have been one wrong answer
            journal.append(run, "batch", state="full", id=identifier, reason="no longer takes jobs")
    if "" in book.batches:
        # one is lost already, and a second one could be as well
        return None
    journal.append(run, "batch", state="opening", seconds=LONGEST)
    try:
        identifier = cloud.open_batch(backend, LONGEST)
    except Refused as met:
        journal.append(run, "batch", state="refused", reason=str(met))
        return None
    except PlatformError as met:
        journal.append(run, "batch", state="lost", reason=str(met))
        return None
    journal.append(run, "batch", state="open", id=identifier)
    return cloud.batch(identifier)


def close(cloud: Cloud, run: Path) -> None:
    """Closes the batches of a run; one that cannot be closed now is left to a later process, and to its limit.

    Args:
        cloud: The open instance.
        run: Run directory.
    """
    for identifier, state in read_journal(run).batches.items():
        if not identifier or state == "closed":
            continue
        try:
            cloud.patience.ask_repeatedly(partial(cloud.close_batch, identifier))
        except PlatformError as met:
            journal.append(run, "batch", state="open", id=identifier, reason=str(met))
        else:
            journal.append(run, "batch", state="closed", id=identifier)
