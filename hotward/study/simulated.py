"""Some simulated runs: each measured into a run directory of its own and analysed as any run, of which numbers stay."""

from __future__ import annotations

import io
import json
import tempfile
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from protocols import Array, RequestError

if typing.TYPE_CHECKING:
    from analysis import Analysis
    from analysis.estimate_arrays import Estimates
    from hotward.requests import StudyRequest

STREAM = 3
"""Of the seed of a study: seeds of its runs. A run itself has the streams 1 and 2 of its own."""
NUMBERS = ("value", "stderr", "low", "high")


@dataclass(frozen=True, kw_only=True, eq=False)
class Simulated:
    """What simulated runs gave, (runs, rows) each; NaN where a run has no such number."""

    rows: tuple[tuple[str, str, str, int], ...]
    """Observable, subject, arm and point of every row."""
    places: Mapping[str, Array]
    """Swept parameters of every point, (points,)."""
    truth: Array
    """What the intervals are of: exact, with the noise that the device's model has."""
    value: Array
    stderr: Array
    low: Array
    high: Array
    verdicts: tuple[tuple[Mapping[str, Any], ...], ...]
    """Of every run, one for every sweep along the axis."""

    def __len__(self) -> int:
        return len(self.value)

    def as_bytes(self, of: str) -> bytes:
        """The content of a file, the same bytes for the same numbers.

        Args:
            of: Digest of what was simulated.
        """
        said = json.dumps({"of": of, "rows": self.rows, "verdicts": self.verdicts})
        arrays: dict[str, Any] = {name: getattr(self, name) for name in (*NUMBERS, "truth")}
        arrays |= {f"place {name}": values for name, values in self.places.items()}
        file = io.BytesIO()
        np.savez_compressed(file, said=np.array(said), **arrays)
        return file.getvalue()

    @classmethod
    def of_bytes(cls, content: bytes, of: str) -> Simulated:
        """What `as_bytes` wrote.

        Args:
            content: Of the file.
            of: Digest of what was to be simulated.

        Raises:
            ValueError: If it is of something else; whatever reading a damaged archive raises.
        """
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            said = json.loads(str(file["said"]))
            if said["of"] != of:
                raise ValueError("of another study")
            return cls(
                rows=tuple((o, s, arm, int(point)) for o, s, arm, point in said["rows"]),
                verdicts=tuple(map(tuple, said["verdicts"])),
                places={name.removeprefix("place "): file[name] for name in file.files if name.startswith("place ")},
                **{name: file[name] for name in (*NUMBERS, "truth")},
            )

    @classmethod
    def joined(cls, parts: Sequence[Simulated]) -> Simulated:
        """All runs of several parts, in their order.

        Args:
            parts: Of one study.
        """
        arrays = {name: np.concatenate([getattr(part, name) for part in parts]) for name in (*NUMBERS, "truth")}
        verdicts = tuple(said for part in parts for said in part.verdicts)
        return replace(parts[0], verdicts=verdicts, **arrays)


def seed_of(study: int, number: int) -> int:
    """The seed of a simulated run, which depends on nothing but the study's and its number.

    Args:
        study: Seed of the study.
        number: Of the run, from 0.

    Examples:
        >>> seed_of(7, 0) == seed_of(7, 0), seed_of(7, 0) == seed_of(7, 1)
        (True, False)
    """
    return int(np.random.SeedSequence([study, STREAM, number]).generate_state(1)[0])


def simulated(request: StudyRequest, seed: int, numbers: Sequence[int]) -> Simulated:
    """Measures and analyses some runs; nothing is left on disk.

    Args:
        request: What is simulated.
        seed: Of the study.
        numbers: Which of its runs.

    Raises:
        RequestError: For whatever a run would refuse, before its first shot.
    """
    from analysis import analyse

    found = []
    with tempfile.TemporaryDirectory(prefix="hotward-study-") as folder:
        for number in numbers:
            record = measured(request, seed_of(seed, number), folder)
            found.append(_numbers(request, analyse(record, draws=request.draws, estimator=request.estimator)))
    return Simulated.joined(found)


def measured(request: StudyRequest, seed: int, runs: str) -> Any:
    """The record of one simulated run.

    Args:
        request: What is simulated.
        seed: Of the run.
        runs: Directory that the run is written into.
    """
    from hotward.execution import carry_out
    from hotward.terminal import Silent

    return carry_out(request.of_run(seed, runs), (), Silent())


def _numbers(request: StudyRequest, found: Analysis) -> Simulated:
    """The numbers of one analysis that a study keeps: of what was asked for, at all points and in all arms."""
    estimates, exact = found.estimates, found.prediction or found.estimates
    asked = request.methods().quantities
    names = [
        name
        for name, one in estimates.quantities.items()
        if not one.observable.theory and name in exact.quantities and (not asked or name[0] in asked)
    ]
    if not names:
        raise RequestError(
            f"Argument `quantities` must name quantities whose exact value is known on {request.device}, but "
            f"{', '.join(asked)} has none. Try heat,mutual_information."
        )
    arrays = {one: _flat(estimates, names, one) for one in NUMBERS}
    return Simulated(
        rows=tuple(
            (*name, arm, point) for name in names for arm in estimates.arms for point in range(len(estimates.points))
        ),
        places={name: np.asarray(estimates.x(name)) for name in estimates.swept},
        truth=_flat(exact, names, "ideal"),
        verdicts=(tuple(_verdict(one.as_dict()) for one in found.verdicts),),
        **arrays,
    )


def _flat(estimates: Estimates, names: Sequence[tuple[str, str]], which: str) -> Array:
    return np.concatenate([getattr(estimates.quantities[name], which).ravel() for name in names])[None]


def _verdict(said: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: said[name] for name in ("where", "kind", "hot", "heat", "stderr", "at", "sigma", "reached")}
