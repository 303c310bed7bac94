"""`hotward run` and `hotward submit`: a protocol is measured on a device."""

from __future__ import annotations

from hotward.commands.jobs import print_submitted, remind_of_leftovers
from hotward.conclusion import analysed, conclude
from hotward.execution import carry_out, submit_request
from hotward.options import Json
from hotward.requests import RunRequest
from hotward.terminal import progress, typed_words
from hotward.typer_commands import from_request
from workers import opened


@from_request
def run(request: RunRequest, json: Json = False) -> None:
    """Compile, execute, analyse and report. The last line is the run directory.

    On hardware: submit, wait and collect. Ctrl-C leaves everything to hotward collect.
    """
    with opened(request.workers) as workers:
        with progress() as report:
            record = carry_out(request, typed_words(), report, workers)
        remind_of_leftovers(record)
        result = analysed(record, json, workers=workers)
    conclude(result, json)


@from_request
def submit(request: RunRequest, json: Json = False) -> None:
    """Submit to hardware, after showing what it costs. The last line is the run directory."""
    with progress() as report:
        path = submit_request(request, typed_words(), report)
    print_submitted(path, json)
