"""`hotward collect --job ID --layout FILE`: a Sampler job of one's own becomes a run like any import."""

from __future__ import annotations

import re
import shlex
import typing
from pathlib import Path
from typing import Any

from hotward.terminal import typed_words
from protocols import RequestError
from protocols.units import gaps_in

if typing.TYPE_CHECKING:
    from devices import RunRecord
    from devices.imports import Reading

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{3,63}")


def import_job(identifier: str, reading: Reading, runs: Path, gaps: str | None = None) -> RunRecord:
    """Fetches the result of a job that hotward did not submit, keeps it, and imports it.

    The reply is on disk before anything reads it: a private job can be fetched once only.

    Args:
        identifier: Of the job, as the platform gave it.
        reading: What each circuit measured, and how bits are to be read.
        runs: Directory that holds the runs; the reply is kept there as job-ID.json.
        gaps: As --gaps has them; None: they are equal.

    Raises:
        RequestError: If the job is not done, or its result cannot be read as it is said.
        PlatformError: If the platform does not answer.
    """
    if not _IDENTIFIER.fullmatch(identifier):
        raise RequestError(
            f"Argument `job` must be the id of a job, but is {identifier!r}. The platform's page lists them."
        )
    given = gaps_in(gaps) if gaps is not None else None
    kept = runs / f"job-{identifier}.json"
    text = kept.read_bytes() if kept.exists() else _fetched(identifier, kept)
    from devices.ibm import decoded
    from devices.imports import import_sheet, sheet_of

    program = "sampler" if b'"__type__"' in text[:200] else "executor"
    result: Any = decoded(text.decode("utf-8", "replace"), program)
    try:
        sheet = sheet_of(result, f"job {identifier}", reading)
        command = shlex.join(["hotward", "collect", *typed_words()])
        return import_sheet(sheet, text, bases=reading.bases, gaps=given, runs=runs, command=command)
    except RequestError as error:
        raise RequestError(f"{error} The result itself is kept as {kept}; nothing is fetched again.") from None


def _fetched(identifier: str, kept: Path) -> bytes:
    from devices.ibm import open_cloud
    from devices.record import disk

    cloud = open_cloud()
    look = cloud.look(identifier)
    if look.state != "DONE":
        rule = f"must be a job that is done, but {identifier} is {look.state}"
        raise RequestError(f"Argument `job` {rule}{f' ({look.reason})' if look.reason else ''}. Ask again when it is.")
    text = cloud.result(identifier)
    kept.parent.mkdir(parents=True, exist_ok=True)
    disk.write(kept, text)
    return text
