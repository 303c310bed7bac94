"""Runs carried out: a request becomes a run directory, with a record of what was asked for."""

from __future__ import annotations

import shlex
import typing
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hotward.approval import approval
from hotward.compilation import Compiled, check_mitigation, compile_request, requested_experiment
from hotward.experiment import notes_on_units, provenance
from hotward.requests import RunRequest
from hotward.terminal import Report
from protocols import Program, RequestError
from protocols.program import compared_exactly, folded_arms, heated_subjects, scale_of
from workers import Asked, opened

if typing.TYPE_CHECKING:
    from analysis import Methods
    from devices import Cost, RunRecord


class Recorded(typing.TypedDict):
    """What a run directory records beside the program, and what is asked before it is written."""

    runs: Path
    seed: int
    command: str
    about: dict[str, Any]
    approve: Callable[[Cost], None]


def carry_out(request: RunRequest, typed: Sequence[str], report: Report, workers: Asked | None = None) -> RunRecord:
    """Compiles and executes; everything that can be refused is refused before the first shot.

    Args:
        request: What was asked for.
        typed: The words after `hotward run`, as typed.
        report: Told of every step; gives way to the question of what a run on hardware may cost.
        workers: Who shares the work; by default whom the request names.
    """
    from devices import execute

    with opened(request.workers if workers is None else workers) as team:
        compiled, recorded = prepare_request(request, typed, report, unattended=True)
        return execute(compiled.program, compiled.device, progress=report, workers=team, **recorded)


def submit_request(request: RunRequest, typed: Sequence[str], report: Report) -> Path:
    """Compiles and submits to hardware; the run directory goes on without this process.

    Args:
        request: What was asked for.
        typed: The words after `hotward submit`, as typed.
        report: Told of every step; gives way to the question of what the run may cost.

    Returns:
        The run directory.
    """
    from devices import RemoteDevice, prepare_run, submit

    compiled, recorded = prepare_request(request, typed, report, unattended=False)
    if not isinstance(compiled.device, RemoteDevice):
        raise RequestError(
            f"Argument `device` must be ibm:NAME to be submitted, but is {compiled.device.name}, which runs at once. "
            "Take hotward run."
        )
    return submit(prepare_run(compiled.program, compiled.device, **recorded), report)


def prepare_request(
    request: RunRequest, typed: Sequence[str], report: Report, *, unattended: bool
) -> tuple[Compiled, Recorded]:
    """The program and its record; whatever will be refused is refused here.

    Args:
        request: What was asked for.
        typed: The words after `hotward run`, as typed.
        report: Told of every step.
        unattended: Whether nobody is there to be asked what a run on hardware may cost.
    """
    hardware = request.hardware()
    approve = approval(request.yes, request.seconds_at_most, report, unattended=unattended)
    experiment = requested_experiment(request)
    methods = request.methods()
    compiled = _with_shots_divided(compile_request(request, experiment, hardware, report, request.fold), request.target)
    _check_quantities(methods, compiled.program)
    check_mitigation(request.mitigation, compiled.program, compiled.device.noisy)
    recorded = Recorded(
        runs=request.runs,
        seed=compiled.seed,
        command=_repeating_command(request, typed, compiled.seed),
        about=_facts_to_record(request, compiled, methods),
        approve=approve,
    )
    return compiled, recorded


def _check_quantities(methods: Methods, program: Program) -> None:
    """That the program has every quantity that is asked for."""
    if methods.quantities:
        from analysis import catalogue, check_named

        experiment = program.experiment
        own = experiment.observables(program.points)
        check_named(methods.quantities, catalogue(experiment.qubits, experiment.system, own, experiment))


def _with_shots_divided(compiled: Compiled, target: str | None) -> Compiled:
    """The same with its shots where they tell most about the target; None: evenly."""
    if target is None:
        return compiled
    from analysis.planning import allocate

    return replace(compiled, program=allocate(compiled.program, compiled.device, target))


def _repeating_command(request: RunRequest, typed: Sequence[str], seed: int) -> str:
    """The command line that repeats the run: as typed, with the seed that was drawn."""
    words = list(typed)
    if request.seed is None:
        end = words.index("--") if "--" in words else len(words)
        words[end:end] = ["--seed", str(seed)]
    return shlex.join(["hotward", "run", *words])


def _facts_to_record(request: RunRequest, compiled: Compiled, methods: Methods) -> dict[str, Any]:
    """What start.json says beside what the program and the device say of themselves."""
    return {
        **provenance(request.protocol, request.preset),
        "gap": getattr(compiled.program.experiment, "gap", None),
        "draws": methods.draws,
        "estimator": methods.estimator,
        **({"quantities": [*methods.quantities]} if methods.quantities else {}),
        **({"mitigation": request.mitigation} if request.mitigation not in (None, "none") else {}),
        "notes": [
            *notes_on_units(compiled.program.experiment, request.preset, request.values),
            *_notes_on_circuits(request, compiled.program),
            *_notes_on_arms(request, compiled),
            *_notes_on_shots(request, compiled.program),
        ],
    }


def _notes_on_circuits(request: RunRequest, program: Program) -> list[str]:
    if "merge" not in program.experiment.offers:
        from devices.record import cold_and_thermal, registers_of

        experiment = program.experiment
        cold, thermal = cold_and_thermal(registers_of(program), experiment.reference_registers(program.points))
        made = "ancillas are prepared with the temperature that was asked for; it is not that of the device"
        ground = "ancillas start in their ground state, as the device prepares or resets it"
        return [made] if thermal else [ground] if cold else []
    if request.merge:
        return [
            "preparation and evolution are merged into one gate: the evolution is an angle, with equal depth at "
            "all points"
        ]
    return ["a barrier separates preparation and evolution; both run at every point"]


def _notes_on_arms(request: RunRequest, compiled: Compiled) -> list[str]:
    arms = [arm for arm in compiled.program.points.arms if scale_of(arm) == 1]
    control, notes = compiled.control, []
    experiment = compiled.program.experiment
    counted = getattr(experiment, "origin", None) != ""
    if counted and (request.reference == "nominal" or compared_exactly(experiment)):
        gained = "heat is" if heated_subjects(experiment) else "what is gained is"
        notes.append(f"{gained} counted from the nominal state, not from a measured one")
    if control != "off" and len(arms) == 1:
        notes.append(f"the control {control} is not run: it equals the main arm, which is uncorrelated")
    elif len(arms) > 1 and request.control is None:
        notes.append(f"the control {control} runs by default on a noisy device")
    if folded := folded_arms(compiled.program.points.arms):
        notes.append(f"folded arms check errors of gates: {', '.join(folded)} run circuits so many times as long")
    return notes


def _notes_on_shots(request: RunRequest, program: Program) -> list[str]:
    notes = []
    if request.target is not None:
        shots = [n * program.shots_per_row for b in program.blocks if not b.prepared for n in b.repeats.tolist() if n]
        notes.append(
            f"shots are divided for {request.target}: {min(shots)} to {max(shots)} for a member in a setting at a "
            f"point; {program.shots} is the mean of a setting and point"
        )
    rounded = request.shots % program.shots_per_row
    if rounded:
        notes.append(f"{request.shots - rounded} of {request.shots} shots: rows of {program.shots_per_row} each")
    return notes
