"""A study on disk: what was asked for, and the numbers of every ten runs as they come in. A killed one goes on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

from hotward.requests import StudyRequest
from hotward.study.simulated import Simulated, simulated
from protocols import RequestError
from workers import Workers, spread

TOGETHER = 10
"""Runs of one task; it never depends on who does it."""
ASKED = "study.json"
NOT_COMPARED = ("study", "repeats", "seed", "runs", "workers")
"""The same simulated runs serve every study, and more of them are added to those that are there."""


@dataclass(frozen=True, kw_only=True)
class Study:
    """What is simulated, how often, and where its numbers are kept."""

    request: StudyRequest
    seed: int
    place: Path

    def part(self, first: int) -> Path:
        """The file of the runs from `first` on."""
        return self.place / "parts" / f"{first:06d}.npz"

    def digest(self, first: int) -> str:
        """Of what these runs are: what is asked for, the seed and their number."""
        asked = json.dumps([_as_recorded(self.request), self.seed, first], sort_keys=True)
        return hashlib.sha256(asked.encode()).hexdigest()


def opened_study(request: StudyRequest, seed: int, place: Path, command: str) -> Study:
    """The study of a directory, which is begun if there is none.

    Args:
        request: What is asked for.
        seed: Drawn if none was asked for and none is recorded.
        place: Its directory.
        command: That repeats it.

    Raises:
        RequestError: If the directory holds another study, or cannot be written.
    """
    from devices.record import START, made_directory, write

    asked = _as_recorded(request)
    if (place / START).exists():
        raise RequestError(f"Argument `out` must be the directory of a study, but {place} is a run. Name another one.")
    if (place / ASKED).exists():
        known = _recorded(place / ASKED)
        for name, value in asked.items():
            if known["asked"].get(name) != value:
                raise RequestError(
                    f"Argument `out` must be a new directory, or one of this study, but {place} has {name} = "
                    f"{known['asked'].get(name)!r} where {value!r} is asked for. Name another directory."
                )
        if request.seed is not None and request.seed != known["seed"]:
            raise RequestError(
                f"Argument `seed` must be {known['seed']}, that of the study in {place}, but is {request.seed}. Leave "
                "it out to go on, or name another directory."
            )
        return Study(request=request, seed=int(known["seed"]), place=place)
    with made_directory(place):
        (place / "parts").mkdir(exist_ok=True)
        said = {"asked": asked, "seed": seed, "version": _version(), "command": command}
        write(place / ASKED, json.dumps(said, indent=1) + "\n")
    return Study(request=request, seed=seed, place=place)


def carry_out_study(study: Study, workers: Workers, told: Callable[[str, int, int], None]) -> Simulated:
    """Simulates what is missing, ten runs a task, and reads what is there.

    Args:
        study: From `opened_study`.
        workers: Who shares the tasks.
        told: Told of runs that are done.

    Raises:
        RequestError: For a part that is no part of this study.
    """
    from devices.record import write

    repeats = study.request.repeats
    wanted = [range(first, min(first + TOGETHER, repeats)) for first in range(0, repeats, TOGETHER)]
    parts = {own.start: _kept(study, own.start) for own in wanted}
    left = [own for own in wanted if (part := parts[own.start]) is None or len(part) < len(own)]
    done = repeats - sum(map(len, left))
    told("simulated runs", done, repeats)
    for index, content in spread(partial(_content, study), left, workers):
        own = left[index]
        write(study.part(own.start), content)
        parts[own.start] = Simulated.of_bytes(content, study.digest(own.start))
        done += len(own)
        told("simulated runs", done, repeats)
    whole = Simulated.joined([part for part in parts.values() if part is not None])
    return _first(whole, repeats)


def _content(study: Study, numbers: range) -> bytes:
    return simulated(study.request, study.seed, numbers).as_bytes(study.digest(numbers.start))


def _first(found: Simulated, runs: int) -> Simulated:
    """The first runs: a part may hold more than are asked for now."""
    arrays = {f.name: getattr(found, f.name)[:runs] for f in fields(found) if f.name not in ("rows", "places")}
    return Simulated(rows=found.rows, places=found.places, **arrays)


def _kept(study: Study, first: int) -> Simulated | None:
    path = study.part(first)
    try:
        return Simulated.of_bytes(path.read_bytes(), study.digest(first))
    except FileNotFoundError:
        return None
    except Exception:  # an archive with wrong bytes raises errors of many kinds
        raise RequestError(
            f"Argument `out` must be the directory of a study, but {path} cannot be read as a part of this one. Remove "
            "this file, and its runs are simulated again."
        ) from None


def _recorded(path: Path) -> Mapping[str, Any]:
    try:
        known = json.loads(path.read_text())
        if not isinstance(known["asked"], dict):
            raise TypeError("its word `asked`")
        int(known["seed"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RequestError(
            f"Argument `out`: {path} cannot be read as what a study was asked for: {error}. Name another directory."
        ) from None
    if known.get("version") != _version():
        raise RequestError(
            f"Argument `out`: the study in {path.parent} was begun by hotward {known.get('version')}, and this is "
            f"{_version()}. Name another directory."
        )
    return known


def _as_recorded(request: StudyRequest) -> dict[str, Any]:
    words = {f.name: getattr(request, f.name) for f in fields(request) if f.name not in NOT_COMPARED}
    return {name: str(value) if isinstance(value, Path) else value for name, value in words.items()}


def _version() -> str:
    from importlib.metadata import version

    return version("hotward")
