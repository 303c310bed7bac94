"""From the words of the command line to an experiment, its options, and a run carried out."""

from __future__ import annotations

import secrets
import shlex
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from protocols import Experiment, RequestError, load

if typing.TYPE_CHECKING:
    from devices import Cost, Device, HardwareOptions, RunRecord
    from protocols import Program

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """Everything `hotward run` was asked for."""

    protocol: str
    preset: str | None
    values: tuple[str, ...]
    device: str
    shots: int
    bases: str | None
    preparation: str | None
    ancillas: str | None
    merge: bool
    control: str | None
    reference: str
    calibration_shots: int | None
    seed: int | None
    runs: Path
    draws: int
    estimator: str
    target: str | None = None
    """What the shots are divided for; None: evenly."""
    typed: tuple[str, ...]
    """The words after `hotward run`, as typed."""
    hardware: HardwareOptions
    approve: Callable[[Cost], None] = lambda cost: None
    """Asked before a run that costs QPU time."""


def intervals(given: Sequence[str]) -> dict[str, str]:
    """Interval methods by quantity from name=method."""
    chosen = {}
    for text in given:
        name, separator, method = text.partition("=")
        if not separator or not name or not method:
            raise RequestError(
                f"Argument `interval` must be name=method, but is {text!r}. Try --interval mutual_information=credible."
            )
        chosen[name.strip()] = method.strip()
    return chosen


def experiment(protocol: str, preset: str | None, values: Sequence[str]) -> Experiment:
    """The protocol with the values of a preset, overridden by --set.

    Raises:
        RequestError: For an unknown protocol, preset or parameter, or a value outside its domain.
    """
    from protocols.program.parameters import build

    offered = load(protocol)
    if preset is not None and preset not in offered.presets:
        known = ", ".join(offered.presets)
        raise RequestError(f"Argument `preset` must be one of {known}, but is {preset!r}.")
    merged = dict(offered.presets[preset].values) if preset else {}
    given: dict[str, str] = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not equals or not value.strip():
            raise RequestError(f"Argument `set` must be name=value, but is {text!r}. Try --set T_A=2.")
        if name.strip() in given:
            raise RequestError(f"Argument `set` gives {name.strip()} twice. Give it once; start:stop:count sweeps.")
        given[name.strip()] = value
    return build(offered, {**merged, **given})


def provenance(protocol: str, preset: str | None) -> dict[str, Any]:
    """Where a preset's numbers come from, and whether they were verified."""
    if preset is None:
        return {"preset": None, "source": "", "verified": True}
    chosen = load(protocol).presets[preset]
    return {"preset": preset, "source": chosen.source, "verified": chosen.verified}


def options(experiment: Experiment, *, control: str, **words: str | None) -> dict[str, str]:
    """The protocol's options that are words, with their defaults.

    Args:
        experiment: The protocol.
        control: "off", or names of control arms, comma-separated.
        **words: Other options, None where not given.

    Raises:
        RequestError: For a control, an option or a word that the protocol does not have.
    """
    offered = experiment.controls
    arms = [] if control == "off" else [name.strip() for name in control.split(",")]
    for name in arms:
        if name not in offered or arms.count(name) > 1:
            known = f"off or different names from {', '.join(offered)}" if offered else f"off for {experiment.name}"
            raise RequestError(f"Argument `control` must be {known}, but is {control!r}.")
    chosen = {name: known[0] for name, known in experiment.offers.items()}
    for name, word in words.items():
        if word is None:
            continue
        if name not in chosen:
            raise RequestError(f"Argument `{name}` does not apply to {experiment.name}. Drop --{name}.")
        if word not in experiment.offers[name]:
            known = ", ".join(experiment.offers[name])
            raise RequestError(f"Argument `{name}` must be one of {known} for {experiment.name}, but is {word!r}.")
        chosen[name] = word
    return {"control": ",".join(arms), **chosen}


def carry_out(request: RunRequest, progress: Progress) -> RunRecord:
    """Compiles and executes; everything that can be refused is refused before the first shot."""
    from devices import execute

    program, device, more = compiled(request, progress)
    return execute(program, device, progress=progress, **more)


def submit(request: RunRequest, progress: Progress) -> Path:
    """Compiles and submits to hardware; the run directory goes on without this process."""
    from devices import RemoteDevice, prepare_run
    from devices import submit as submit_run

    program, device, more = compiled(request, progress)
    if not isinstance(device, RemoteDevice):
        raise RequestError(
            f"Argument `device` must be ibm:NAME to be submitted, but is {device.name}, which runs at once. Take "
            "hotward run."
        )
    return submit_run(prepare_run(program, device, **more), progress)


def compiled(request: RunRequest, progress: Progress) -> tuple[Program, Device, dict[str, Any]]:
    """The program, its device, and what else the run directory records.

    Raises:
        RequestError: For anything that the experiment, the device or the analysis would refuse.
    """
    if request.reference not in ("measured", "nominal"):
        raise RequestError(f"Argument `reference` must be measured or nominal, but is {request.reference!r}.")
    if request.seed is not None and request.seed < 0:
        raise RequestError(f"Argument `seed` must be a whole number >= 0, but is {request.seed}.")
    chosen = experiment(request.protocol, request.preset, request.values)

    from analysis import Methods
    from devices import RemoteDevice, open_device
    from protocols import compile
    from protocols.program.compiler import ensemble_size

    Methods(draws=request.draws, estimator=request.estimator)  # refuses what the analysis would refuse after the shots

    progress("opening " + request.device, 0, 1)
    device = open_device(request.device, request.hardware)
    control = request.control or (chosen.controls[0] if device.noisy and chosen.controls else "off")
    words = options(
        chosen,
        control=control,
        preparation=request.preparation,
        ancillas=request.ancillas,
        merge="yes" if request.merge else None,
    )
    seed = secrets.randbits(32) if request.seed is None else request.seed
    if words["preparation"] == "random":
        words["flips"] = str(seed)
    calibration = request.calibration_shots
    points = chosen.points(words, request.reference)
    shots_per_row, passes = 1, 1
    if isinstance(device, RemoteDevice):
        shots_per_row, passes = device.quanta(request.shots, ensemble_size(chosen, points))
    rounded = request.shots % shots_per_row
    program = compile(
        chosen,
        points,
        shots=request.shots,
        bases=request.bases,
        calibration_shots=(request.shots if device.noisy else 0) if calibration is None else calibration,
        shots_per_row=shots_per_row,
        passes=passes,
    )
    if request.target is not None:
        from analysis.planning import allocate

        program = allocate(program, device, request.target)
    about = {
        **provenance(request.protocol, request.preset),
        "gap": getattr(chosen, "gap", None),
        "draws": request.draws,
        "estimator": request.estimator,
        "notes": [
            *_notes(request, chosen, control, points.arms),
            *_divided(request, program),
            *([f"{request.shots - rounded} of {request.shots} shots: rows of {shots_per_row} each"] if rounded else []),
        ],
    }
    more = {"runs": request.runs, "seed": seed, "command": _repeating(request, seed), "about": about}
    return program, device, {**more, "approve": request.approve}


def found(run: Path, runs: Path) -> Path:
    """A run by path, or by its name under the directory of runs."""
    return runs / run if not run.exists() and (runs / run).exists() else run


def _repeating(request: RunRequest, seed: int) -> str:
    """The command line that repeats the run: as typed, with the seed that was drawn."""
    words = list(request.typed)
    if request.seed is None:
        end = words.index("--") if "--" in words else len(words)
        words[end:end] = ["--seed", str(seed)]
    return shlex.join(["hotward", "run", *words])


def _divided(request: RunRequest, program: Program) -> list[str]:
    if request.target is None:
        return []
    shots = [n * program.shots_per_row for b in program.blocks if not b.prepared for n in b.repeats.tolist() if n]
    return [
        f"shots are divided for {request.target}: {min(shots)} to {max(shots)} for a member in a setting at a point; "
        f"{program.shots} is the mean of a setting and point"
    ]


def _notes(request: RunRequest, chosen: Experiment, control: str, arms: Sequence[str]) -> list[str]:
    notes = []
    if "merge" not in chosen.offers:
        notes.append("ancillas are prepared with the temperature that was asked for; it is not that of the device")
    elif request.merge:
        notes.append(
            "preparation and evolution are merged into one gate: the evolution is an angle, with equal depth at "
            "all points"
        )
    else:
        notes.append("a barrier separates preparation and evolution; both run at every point")
    if request.reference == "nominal":
        notes.append("heat is counted from the nominal thermal state, not from a measured one")
    if control != "off" and len(arms) == 1:
        notes.append(f"the control {control} is not run: it equals the main arm, which is uncorrelated")
    elif len(arms) > 1 and request.control is None:
        notes.append(f"the control {control} runs by default on a noisy device")
    return notes
