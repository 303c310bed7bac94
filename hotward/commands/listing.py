"""`hotward show` and `hotward runs`: what is on disk."""

from __future__ import annotations

import sys
import typing
from pathlib import Path
from typing import Any

from hotward.conclusion import print_verdicts
from hotward.options import Json, Run, Runs
from hotward.streams import one_line
from hotward.terminal import emit, table
from protocols import RequestError

if typing.TYPE_CHECKING:
    from devices import RunRecord


def find_run(run: Path, runs: Path) -> Path:
    """A run by path, or by its name under the directory of runs.

    Args:
        run: Path of a run directory, or its name.
        runs: Directory that holds the runs.
    """
    return runs / run if not run.exists() and (runs / run).exists() else run


def finished(path: Path) -> RunRecord | Path:
    """A run to be analysed; one on a simulator that lacks nothing but its end gets it, which is said.

    Args:
        path: Run directory, whatever its state.
    """
    from devices import finish_measured

    record = finish_measured(path)
    if record is None:
        return path
    print(f"note: {path} was finished from its raw results; nothing was measured again", file=sys.stderr)
    return record


def show(run: Run, runs: Runs = Path("runs"), json: Json = False) -> None:
    """One run: what it is, whether it is whole, and its verdict."""
    from devices import ForeignRun, status

    path = find_run(run, runs)
    state, sentence = status(path)
    if state == "foreign":
        raise ForeignRun(sentence)
    about = _read_what_is_readable(path)
    if json:
        emit({"run": str(path), "status": state, "says": sentence, **about})
        return
    print(f"{state}: {sentence}" if state == "done" else sentence)
    for key in ("protocol", "device", "created", "shots", "seed", "command"):
        if about.get(key) is not None:
            print(f"{key}: {one_line(str(about[key]))}")
    for note in about.get("notes", ()):
        print(f"note: {one_line(str(note))}")
    print_verdicts(about.get("headline", ""), about.get("verdicts", ()), about.get("warnings", ()))
    if about and state == "done" and not about["headline"]:
        print(f"not analysed: hotward analyse {path}")


def list_runs(runs: Runs = Path("runs"), json: Json = False) -> None:
    """All runs, newest first; `hotward show RUN` compares every file of one with its seal."""
    from devices import listed_runs

    if not runs.is_dir():
        raise RequestError(f"Argument `runs` must be a directory, but {runs} is not. hotward run makes it.")
    rows = []
    for one in sorted(listed_runs(runs), key=lambda one: (one.created, one.path.name), reverse=True):
        says = one.headline or "not analysed" if one.status == "done" else one.says
        rows.append({"run": one.path.name, "status": one.status, "device": one.device, "says": says})
    if json:
        emit({"runs": rows})
        return
    if not rows:
        print(f"no runs in {runs}")
        return
    keys = ("run", "status", "device", "says")
    table(f"runs in {runs}", keys, [tuple(str(row[key]) for key in keys) for row in rows])


def _read_what_is_readable(path: Path) -> dict[str, Any]:
    """What is readable of a run, whatever its state."""
    from devices.record import MOST_DOCUMENT, document, read

    try:
        start = document(read(path / "start.json", MOST_DOCUMENT))
        about = {key: start.get(key) for key in ("protocol", "created", "shots", "seed", "command", "notes")}
        about["device"] = str(start["device"]["name"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    try:
        stored = document(read(path / "derived" / "verdict.json", MOST_DOCUMENT))
        if not all(isinstance(text, str) for v in stored["verdicts"] for text in (v["headline"], *v["details"])):
            raise TypeError
        warnings = [str(text) for text in stored.get("warnings", ())]  # verdicts of older versions have none
        return {**about, "headline": str(stored["headline"]), "warnings": warnings, "verdicts": stored["verdicts"]}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {**about, "headline": "", "warnings": [], "verdicts": []}
