"""`hotward plan`: what a run will show, and the command that measures there."""

from __future__ import annotations

import shlex
import typing
from collections.abc import Mapping
from dataclasses import replace

from hotward.commands.plan_tables import print_plan
from hotward.compilation import check_mitigation, compile_request, requested_experiment
from hotward.experiment import provenance
from hotward.options import Json, PlanDirectory
from hotward.requests import PlanRequest
from hotward.terminal import Report, emit, progress
from hotward.typer_commands import from_request, request_words

if typing.TYPE_CHECKING:
    from analysis.planning import Planned, Proposal

ALWAYS_SAID = ("device", "shots")
"""Options of the proposed run that are written out even where they are the defaults."""


@from_request
def plan(request: PlanRequest, out: PlanDirectory = None, json: Json = False) -> None:
    """What a run will show before any shot: where to measure, how significantly, at what cost.

    Searches the best time of a full period with everything in --set fixed, says what freeing phase, strength or family
    would gain, compares sets of settings, and ends in the hotward run command that measures there.
    """
    from analysis.planning import document, write
    from devices.record import PLAN, fresh_directory

    with progress() as report:
        planned = make_plan(request, report)
    commands, place = proposed_commands(planned, request), out or fresh_directory(request.runs, PLAN)
    files = write(planned, place, commands)
    if json:
        places = {name: str(path) for name, path in files.items()}
        emit({**document(planned), "commands": commands, "out": str(place), **places})
        return
    source = provenance(request.protocol, request.preset)
    print_plan(planned, unverified="" if source["verified"] else str(source["source"]))
    for name, path in files.items():
        print(f"{name}: {path}")
    print("\n".join(commands) or "nothing to run: no time heats the hot qubit")


def make_plan(request: PlanRequest, report: Report) -> Planned:
    """The plan of what was asked for; nothing is written or printed.

    Args:
        request: What was asked for.
        report: Told of every step.
    """
    from analysis.planning import plan as plan_program

    hardware = request.hardware()
    compiled = compile_request(request, requested_experiment(request), hardware, report)
    check_mitigation(request.mitigation, compiled.program, compiled.device.noisy)
    return plan_program(
        compiled.program,
        compiled.device,
        target=request.target,
        calibration_follows=request.calibration_shots is None,
        progress=report,
    )


def proposed_commands(planned: Planned, request: PlanRequest) -> list[str]:
    """One for each combination that has an effect, or the run as it was asked for.

    Args:
        planned: The plan.
        request: What was asked for.
    """
    if not planned.effects:
        return [_proposed_command(request, {})]
    axis = planned.program.experiment.axis
    return [_proposed_command(_with_enough_shots(request, p), {**p.where, axis: p.time}) for p in planned.proposals]


def _with_enough_shots(request: PlanRequest, proposal: Proposal) -> PlanRequest:
    """The request with the shots of the run that is proposed, where these are not what was asked for.

    Of copies on hardware with its passes, too: each is a job with the same overhead, however short it is.
    """
    if proposal.run_shots != proposal.power.shots:
        request = replace(request, shots=proposal.run_shots)
    short = proposal.beside is not None and request.device.startswith("ibm:")
    return replace(request, passes=proposal.passes) if short else request


def _proposed_command(request: PlanRequest, planned: Mapping[str, float]) -> str:
    """The hotward run that measures there: options as they were given, fields that are planned in their place."""
    words = ["hotward", "run", request.protocol]
    if request.preset is not None:
        words += ["--preset", request.preset]
    for text in request.values:
        if text.partition("=")[0].strip() not in planned:
            words += ["--set", text]
    for name, value in planned.items():
        words += ["--set", f"{name}={value!r}"]
    return shlex.join([*words, *_other_words(request)])


def _other_words(request: PlanRequest) -> list[str]:
    """Options of the run that differ from their defaults, in the order of `--help` but for four kinds.

    What is always said comes first, then what has no default value, then the rest with the directory last, then flags.
    """
    said = [
        (word.name, getattr(request, word.name), word.default)
        for word in request_words(PlanRequest)
        if word.name not in ("protocol", "preset", "values")
    ]
    said = [(name, value, usual) for name, value, usual in said if name in ALWAYS_SAID or value != usual]
    flags = [name for name, value, _ in said if value is True]
    options = [one for one in said if one[0] not in flags]
    options.sort(key=lambda one: (one[0] not in ALWAYS_SAID, one[2] is not None, one[0] == "runs"))
    words = [word for name, value, _ in options for word in (f"--{name.replace('_', '-')}", str(value))]
    return [*words, *(f"--{name}" for name in flags)]
