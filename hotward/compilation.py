"""A request as a program for a device."""

from __future__ import annotations

import secrets
import typing
from collections.abc import Sequence
from dataclasses import dataclass

from hotward.experiment import build_experiment, check_reference, check_seed, choose_options
from hotward.requests import MeasurementRequest
from hotward.terminal import Report
from protocols import Experiment, Points, Program, RequestError, compile
from protocols.program import Drawing, fold_arm, fold_scales, members_of

if typing.TYPE_CHECKING:
    from devices import Device, HardwareOptions


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """A program for a device, and what was settled on the way to it."""

    program: Program
    device: Device
    seed: int
    """The root of all randomness: asked for, or drawn."""
    control: str
    """The control arms, asked for or by default, comma-separated; "off": none."""


def requested_experiment(request: MeasurementRequest) -> Experiment:
    """The experiment that is asked for.

    Raises:
        RequestError: For what the experiment refuses, whatever the device.
    """
    check_reference(request.reference)
    check_seed(request.seed)
    return build_experiment(request.protocol, request.preset, request.values)


def compile_request(
    request: MeasurementRequest,
    experiment: Experiment,
    hardware: HardwareOptions,
    progress: Report,
    fold: str | None = None,
) -> Compiled:
    """Opens the device and compiles the experiment for it, with even shots.

    Args:
        request: What was asked for.
        experiment: Its experiment.
        hardware: Its options of hardware runs.
        progress: Told of every step.
        fold: Scales of folded arms, with commas; None: there are none.

    Raises:
        RequestError: For what the device, or the protocol with these options, refuses.
    """
    from devices import open_device

    scales = (1,) if fold is None else fold_scales(fold)
    progress("opening " + request.device, 0, 1)
    device = open_device(request.device, hardware)
    control = request.control or (experiment.controls[0] if device.noisy and experiment.controls else "off")
    words = choose_options(
        experiment,
        control=control,
        preparation=request.preparation,
        ancillas=request.ancillas,
        merge="yes" if request.merge else None,
        feedback=request.feedback,
        **{"first-reading": request.first_reading},
    )
    folded = _folded(scales[1:], device, request.fractional)
    if folded and (not members_of(experiment) or words.get("preparation", "ensemble") != "ensemble"):
        raise RequestError(
            f"Argument `fold` checks what --mitigation both gives, which needs members of an exact ensemble that keep "
            f"their number, but {experiment.name} has none here. Leave it out."
        )
    words["control"] = ",".join(filter(None, (words["control"], *folded)))
    seed = secrets.randbits(32) if request.seed is None else request.seed
    if words.get("preparation") == "random" or (isinstance(experiment, Drawing) and experiment.draws):
        words["flips"] = str(seed)
    points = experiment.points(words, request.reference)
    if not {*folded} <= {*points.arms}:
        raise RequestError("Argument `fold` checks the errors of a correlated pair, but correlation is none.")
    program = _program(request, experiment, points, device)
    return Compiled(program=program, device=device, seed=seed, control=control)


def _folded(scales: Sequence[int], device: Device, fractional: bool) -> tuple[str, ...]:
    """Names of the folded arms.

    Raises:
        RequestError: For devices on which folding says nothing.
    """
    if not scales:
        return ()
    from devices.simulators import Exact

    if isinstance(device, Exact):
        raise RequestError(
            f"Argument `fold` needs a device that executes circuits, but {device.name} samples probabilities. Take "
            "--device aer:fake_boston."
        )
    if fractional:
        raise RequestError(
            "Argument `fold` needs gates whose inverse the device has, but a gate of any angle has none within its "
            "bounds. Leave out --fractional."
        )
    return tuple(fold_arm(scale) for scale in scales)


def check_mitigation(text: str | None, program: Program, noisy: bool) -> None:
    """Refuses before the first shot a mitigation that the program could not have.

    Args:
        text: As asked for; None: none is.
        program: What is to be measured.
        noisy: Whether the device misreads, so that a calibration is needed.

    Raises:
        RequestError: With the reason.
    """
    if text is None:
        return
    from analysis.mitigation import check_request, chosen_way, totals_of

    preparation = program.points.options.get("preparation", "ensemble")
    way, experiment = chosen_way(text), program.experiment
    check_request(way, experiment.name, preparation, program.bases)
    if way != "none" and noisy and not any(block.prepared for block in program.blocks):
        raise RequestError(
            "Argument `mitigation` needs the readout corrected, whose errors would pass for those of gates, but no "
            "calibration is measured. Leave out --calibration-shots."
        )
    if way == "symmetry" and not members_of(experiment):
        numbers = sorted({block.setting.member for block in program.blocks if not block.prepared})
        totals_of(experiment, program.points, program.bases, numbers)


def _program(request: MeasurementRequest, experiment: Experiment, points: Points, device: Device) -> Program:
    """The program with even shots, in rows that the device can execute."""
    shots_per_row, passes = _division_into_rows(request, experiment, points, device)
    calibration = request.calibration_shots
    if calibration is None:
        calibration = request.shots if device.noisy else 0
    return compile(
        experiment,
        points,
        shots=request.shots,
        bases=request.bases,
        calibration_shots=calibration,
        shots_per_row=shots_per_row,
        passes=passes,
        alone=request.alone,
    )


def _division_into_rows(
    request: MeasurementRequest, experiment: Experiment, points: Points, device: Device
) -> tuple[int, int]:
    """Shots of an executed row, and passes over the rows."""
    from devices import RemoteDevice
    from protocols.program import ensemble_size

    if not isinstance(device, RemoteDevice):
        return 1, 1
    return device.quanta(request.shots, ensemble_size(experiment, points))
