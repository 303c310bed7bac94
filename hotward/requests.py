"""What a command was asked for: one frozen object for run, submit, plan and import, each option declared once.

A field is a word of the command line: its annotation, from `hotward.options`, says how it is typed and explained, its
default what is done without it.
"""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

from hotward import options

if typing.TYPE_CHECKING:
    from analysis import Methods
    from devices import HardwareOptions

_WORD = inspect.Parameter.KEYWORD_ONLY


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
    control: options.Control = None
    calibration_shots: options.Calibration = None
    qubits: options.Qubits = None
    passes: options.Passes = 4
    fractional: options.Fractional = False

    def hardware(self) -> HardwareOptions:
        """How it is carried out on hardware; what was not asked is as `HardwareOptions` has it.

        Raises:
            RequestError: For a word or a number that it does not know.
        """
        from devices import HardwareOptions
        from devices.ibm.options import parse_qubits

        asked = {f.name: getattr(self, f.name) for f in fields(HardwareOptions) if hasattr(self, f.name)}
        return HardwareOptions(**{**asked, "qubits": None if self.qubits is None else parse_qubits(self.qubits)})


@dataclass(frozen=True, kw_only=True)
class AnalysedRequest(Request):
    """How the data are analysed; also recorded in the run."""

    draws: options.Draws = None
    estimator: options.Estimator = None

    def methods(self) -> Methods:
        """The methods of the analysis; what was not asked is as `Methods` has it.

        Raises:
            RequestError: For what the analysis would refuse after the shots.
        """
        from analysis import Methods

        asked = {"draws": self.draws, "estimator": self.estimator or None}
        return Methods(**{name: word for name, word in asked.items() if word is not None})


@dataclass(frozen=True, kw_only=True)
class RunRequest(MeasurementRequest, AnalysedRequest):
    """What `hotward run` and `hotward submit` were asked for."""

    dynamical_decoupling: options.Decoupling = "off"
    twirling: options.Twirling = "off"
    sampler: options.Sampler = "executor"
    mode: options.Mode = "batch"
    seconds_at_most: options.Seconds = None
    yes: options.Yes = False


@dataclass(frozen=True, kw_only=True)
class PlanRequest(MeasurementRequest):
    """What `hotward plan` was asked for."""

    seed: options.PlannedSeed = None


@dataclass(frozen=True, kw_only=True)
class ImportRequest(AnalysedRequest):
    """What `hotward import` was asked for."""

    file: options.File
    protocol: options.ImportedProtocol = None
    bases: options.ImportedBases = None
    ground: options.Ground = "0"
    seed: options.ImportedSeed = None
    draws: options.ImportedDraws = None


@dataclass(frozen=True, kw_only=True)
class PredictionRequest:
    """What `hotward predict` was asked for."""

    protocol: options.Protocol
    preset: options.Preset = None
    values: options.Values = field(default_factory=list)
    control: options.Control = None


def request_words(kind: type[Any]) -> list[inspect.Parameter]:
    """The words of a request as parameters, in the order of `--help`: name, default and annotation of every field.

    >>> [word.name for word in request_words(PredictionRequest)]
    ['protocol', 'preset', 'values', 'control']
    """
    hints = typing.get_type_hints(kind, include_extras=True)
    return _sorted(
        [inspect.Parameter(f.name, _WORD, default=_default(f), annotation=hints[f.name]) for f in fields(kind)]
    )


def from_request(command: Callable[..., None]) -> Callable[..., None]:
    """Makes a command for typer of one that takes a request: the fields of the request become its words.

    Args:
        command: A function of which one parameter is annotated with a request, the others with words of
            `hotward.options`.

    Returns:
        The same command with a parameter for every word, in the order of `options.ORDER`.
    """
    hints = typing.get_type_hints(command, include_extras=True)
    ((name, kind),) = ((name, hint) for name, hint in hints.items() if isinstance(hint, type) and is_dataclass(hint))
    own = [p for p in inspect.signature(command).parameters.values() if p.name != name]
    words = _sorted([*request_words(kind), *(p.replace(kind=_WORD, annotation=hints[p.name]) for p in own)])

    @functools.wraps(command)
    def called(**given: Any) -> None:
        request = kind(**{f.name: given.pop(f.name) for f in fields(kind)})
        command(**{name: request}, **given)

    called.__signature__ = inspect.Signature(words)  # type: ignore[attr-defined]
    called.__annotations__ = {word.name: word.annotation for word in words}
    return called


def _sorted(words: list[inspect.Parameter]) -> list[inspect.Parameter]:
    return sorted(words, key=lambda word: options.ORDER.index(word.annotation))


def _default(declared: Field[Any]) -> Any:
    if declared.default_factory is not MISSING:
        return declared.default_factory()
    return inspect.Parameter.empty if declared.default is MISSING else declared.default
