"""What a command was asked for: one frozen object for run, submit, plan and import, each option declared once.

A field is a word of the command line: its annotation, from `hotward.options`, says how it is typed and explained, its
default what is done without it.
"""

from __future__ import annotations

import typing
from dataclasses import dataclass, field, fields
from pathlib import Path

from hotward import options

if typing.TYPE_CHECKING:
    from analysis import Methods
    from devices import HardwareOptions


@dataclass(frozen=True, kw_only=True)
class Request:
    """What run, submit, plan and import are all asked for."""

    preset: options.Preset = None
    values: options.Values = field(default_factory=list)
    bases: options.Bases = None
    reference: options.Reference = "measured"
    seed: options.Seed = None
    runs: options.Runs = Path("runs")


@dataclass(frozen=True, kw_only=True)
class MeasurementRequest(Request):
    """What is to be measured, and where: what a run and its plan have in common."""

    protocol: options.Protocol
    device: options.DeviceName = "aer"
    shots: options.Shots = 4096
    target: options.Target = None
    preparation: options.Preparation = None
    ancillas: options.Ancillas = None
    merge: options.Merge = False
    first_reading: options.FirstReading = None
    feedback: options.Feedback = None
    control: options.Control = None
    calibration_shots: options.Calibration = None
    qubits: options.Qubits = None
    copies: options.Copies = "1"
    spacing: options.Spacing = 1
    floor: options.Floor = 0.9
    alone: options.Alone = 0
    passes: options.Passes = 4
    rep_delay: options.RepDelay = None
    fractional: options.Fractional = False

    def hardware(self) -> HardwareOptions:
        """How it is carried out on hardware; what was not asked is as `HardwareOptions` has it.

        Raises:
            RequestError: For a word or a number that it does not know.
        """
        from devices import HardwareOptions
        from devices.ibm import parse_copies, parse_qubits

        asked = {f.name: getattr(self, f.name) for f in fields(HardwareOptions) if hasattr(self, f.name)}
        asked["qubits"] = None if self.qubits is None else parse_qubits(self.qubits)
        return HardwareOptions(**{**asked, "copies": parse_copies(self.copies)})


@dataclass(frozen=True, kw_only=True)
class AnalysedRequest(Request):
    """How the data are analysed; also recorded in the run."""

    draws: options.Draws = None
    estimator: options.Estimator = None
    mitigation: options.Mitigation = None
    quantities: options.Quantities = None
    workers: options.WorkersOption = "1"

    def methods(self) -> Methods:
        """The methods of the analysis; what was not asked is as `Methods` has it.

        Raises:
            RequestError: For what the analysis would refuse after the shots.
        """
        from analysis import Methods, parsed_quantities

        asked = {
            "draws": self.draws,
            "estimator": self.estimator or None,
            "quantities": parsed_quantities(self.quantities),
        }
        return Methods(**{name: word for name, word in asked.items() if word is not None})


@dataclass(frozen=True, kw_only=True)
class RunRequest(MeasurementRequest, AnalysedRequest):
    """What `hotward run` and `hotward submit` were asked for."""

    fold: options.Fold = None
    dynamical_decoupling: options.Decoupling = "off"
    twirling: options.Twirling = "off"
    sampler: options.Sampler = "executor"
    mode: options.Mode = "batch"
    seconds_at_most: options.Seconds = None
    yes: options.Yes = False


@dataclass(frozen=True, kw_only=True)
class StudyRequest(MeasurementRequest, AnalysedRequest):
    """What `hotward study` was asked for: a run, and how often it is simulated."""

    study: options.StudyKind
    repeats: options.Repeats = 100
    seed: options.StudySeed = None

    def of_run(self, seed: int, runs: str) -> RunRequest:
        """One of its runs.

        Args:
            seed: Of the run.
            runs: Directory that holds it.
        """
        words = {f.name: getattr(self, f.name) for f in fields(RunRequest) if hasattr(self, f.name)}
        return RunRequest(**{**words, "seed": seed, "runs": Path(runs), "workers": "1"})


@dataclass(frozen=True, kw_only=True)
class PlanRequest(MeasurementRequest):
    """What `hotward plan` was asked for."""

    seed: options.PlannedSeed = None
    mitigation: options.Mitigation = None


@dataclass(frozen=True, kw_only=True)
class ImportRequest(AnalysedRequest):
    """What `hotward import` was asked for."""

    files: options.Files
    protocol: options.ImportedProtocol = None
    bases: options.ImportedBases = None
    form: options.Form = "auto"
    order: options.Order = None
    read: options.Read = None
    shots: options.ImportedShots = None
    layout: options.LayoutFile = None
    ground: options.Ground = "0"
    gaps: options.QubitGaps = None
    stderr: options.CommonError = None
    seed: options.ImportedSeed = None
    draws: options.ImportedDraws = None


@dataclass(frozen=True, kw_only=True)
class PredictionRequest:
    """What `hotward predict` was asked for."""

    protocol: options.Protocol
    preset: options.Preset = None
    values: options.Values = field(default_factory=list)
    first_reading: options.FirstReading = None
    feedback: options.Feedback = None
    control: options.Control = None
    workers: options.WorkersOption = "1"
