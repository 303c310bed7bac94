"""From the words of `hotward import` to a sealed run."""

from __future__ import annotations

import shlex
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hotward import request as _request
from protocols import Experiment, RequestError, load

if typing.TYPE_CHECKING:
    from devices import RunRecord

GROUNDS = ("0", "1", "X")


@dataclass(frozen=True, kw_only=True)
class ImportRequest:
    """Everything `hotward import` was asked for."""

    file: Path
    protocol: str | None
    preset: str | None
    values: tuple[str, ...]
    bases: str | None
    ground: str
    reference: str
    seed: int | None
    runs: Path
    draws: int
    estimator: str
    typed: tuple[str, ...]
    """The words after `hotward import`, as typed."""


def carry_out(request: ImportRequest) -> RunRecord:
    """Checks the request and the file and writes the run; a refusal leaves nothing on disk."""
    _check(request)

    from analysis import Methods
    from devices.imports.imports import import_file

    Methods(draws=request.draws, estimator=request.estimator)  # refuses what the analysis would refuse after the import
    about: dict[str, object] = {
        "draws": request.draws,
        "estimator": request.estimator,
        "gap": None,
        "preset": None,
        "source": "",
        "verified": True,
    }
    if request.protocol is not None:
        about |= _request.provenance(request.protocol, request.preset)
        about["gap"] = _gap(request)
    return import_file(
        request.file,
        protocol=load(request.protocol) if request.protocol else None,
        build=(lambda columns: _experiment(request, columns)) if request.protocol else None,
        fixed={text.partition("=")[0].strip() for text in request.values},
        bases=request.bases,
        ground=request.ground,
        reference=request.reference,
        runs=request.runs,
        seed=request.seed or 0,
        command=shlex.join(["hotward", "import", *request.typed]),
        about=about,
    )


def _check(request: ImportRequest) -> None:
    for argument, given in (("preset", request.preset), ("set", ", ".join(request.values))):
        if given and request.protocol is None:
            raise RequestError(
                f"Argument `{argument}` belongs to a protocol, but none is given and it is {given!r}. Add --protocol."
            )
    if request.ground not in GROUNDS:
        raise RequestError(
            f"Argument `ground` must be one of {', '.join(GROUNDS)}, but is {request.ground!r}. 0 is the default."
        )
    if request.reference not in ("measured", "nominal"):
        raise RequestError(f"Argument `reference` must be measured or nominal, but is {request.reference!r}.")
    if request.reference == "nominal" and request.protocol is None:
        raise RequestError(
            "Argument `reference` is nominal, which needs a protocol's exact state, but none is given. Add --protocol."
        )
    if request.seed is not None and request.seed < 0:
        raise RequestError(f"Argument `seed` must be a whole number >= 0, but is {request.seed}.")
    if request.protocol is not None:
        offered = load(request.protocol)
        if request.preset is not None and request.preset not in offered.presets:
            known = ", ".join(offered.presets)
            raise RequestError(f"Argument `preset` must be one of {known}, but is {request.preset!r}.")


def _experiment(request: ImportRequest, columns: Mapping[str, float]) -> Experiment:
    """The experiment of one point: preset, then --set, then the columns of the file."""
    assert request.protocol is not None
    kept = [text for text in request.values if "=" not in text or text.partition("=")[0].strip() not in columns]
    own = [f"{name}={value!r}" for name, value in columns.items()]
    return _request.experiment(request.protocol, request.preset, [*kept, *own])


def _gap(request: ImportRequest) -> str | None:
    """The scale that --set or the preset gives, for display."""
    given = {name.strip(): value.strip() for name, _, value in (text.partition("=") for text in request.values)}
    assert request.protocol is not None
    preset = load(request.protocol).presets[request.preset].values if request.preset else {}
    text = given.get("gap", preset.get("gap", "auto"))
    return None if text == "auto" else text
