"""`hotward study`: one's own settings simulated many times, and what intervals, errors and verdicts are worth there."""

from __future__ import annotations

import secrets
import typing
from pathlib import Path

from hotward.execution import prepare_request
from hotward.options import Json, StudyDirectory
from hotward.requests import StudyRequest
from hotward.terminal import emit, progress, typed_words
from hotward.typer_commands import from_request
from protocols import RequestError
from workers import opened

if typing.TYPE_CHECKING:
    from hotward.study import Summary


@from_request
def study(request: StudyRequest, out: StudyDirectory = None, json: Json = False) -> None:
    """How often intervals hold, how large pulls are, or what verdict comes out: the run simulated many times.

    The last line is the directory. What is there is not simulated again: a study that was ended goes on with --out, and
    coverage, pulls and power of one directory share their runs.
    """
    import shlex

    from analysis.figures import rendered
    from devices.record import STUDY, fresh_directory, made_directory, write
    from hotward.study import SUMMARIES, carry_out_study, draw, opened_study

    _check(request, tuple(SUMMARIES))
    with opened(request.workers) as workers:
        place = out or fresh_directory(request.runs, STUDY)
        seed = secrets.randbits(32) if request.seed is None else request.seed
        with progress("runs") as report:  # what a run would refuse is refused before a directory is made
            prepare_request(request.of_run(seed, str(place)), (), report, unattended=True)
        begun = opened_study(request, seed, place, shlex.join(["hotward", "study", *typed_words()]))
        with progress("runs") as report:
            found = carry_out_study(begun, workers, report)
    summary = SUMMARIES[request.study](found)
    table, figure = place / f"{request.study}.csv", place / f"{request.study}.png"
    with made_directory(place):
        write(table, summary.table.to_csv(index=False, lineterminator="\n"))
        write(figure, rendered(draw(request.study, summary), "png"))
    _tell(summary, table, figure, begun.seed, place, json)


def _check(request: StudyRequest, known: tuple[str, ...]) -> None:
    if request.study not in known:
        raise RequestError(f"Argument `study` must be one of {', '.join(known)}, but is {request.study!r}.")
    if request.repeats < 1:
        raise RequestError(f"Argument `repeats` must be 1 or more, but is {request.repeats}. Take 100 to begin with.")
    if request.mitigation not in (None, "none"):
        raise RequestError(
            f"Argument `mitigation` must be none in a study, which is of the raw rows, but is {request.mitigation}. "
            "Leave it out."
        )
    if request.device.startswith("ibm:"):
        raise RequestError(
            f"Argument `device` must be simulated in a study, but is {request.device}. Take aer:fake_NAME of the "
            "same kind of chip; hotward list has them."
        )


def _tell(summary: Summary, table: Path, figure: Path, seed: int, place: Path, as_json: bool) -> None:
    if as_json:
        said = {"sentences": list(summary.sentences), "seed": seed}
        emit({**said, "table": str(table), "figure": str(figure), "out": str(place)})
        return
    for sentence in summary.sentences:
        print(sentence)
    print(f"figure: {figure}")
    print(f"table:  {table}")
    print(place)
