"""`hotward import`: from counts or expectation values measured elsewhere to a sealed run."""

from __future__ import annotations

import re
import shlex
import typing
from collections.abc import Mapping, Sequence
from functools import partial

from hotward.conclusion import analysed, conclude
from hotward.experiment import build_experiment, check_preset, check_reference, check_seed, notes_on_units, provenance
from hotward.options import Json
from hotward.requests import ImportRequest
from hotward.terminal import Report, progress, typed_words
from hotward.typer_commands import from_request
from protocols import Experiment, Points, RequestError, load
from protocols.units import Gaps, gaps_in
from workers import opened

if typing.TYPE_CHECKING:
    from devices import RunRecord
    from devices.imports import Reading

GROUNDS = ("0", "1", "X")
_OF_SITE = re.compile(r"(?:T|excitation)_([1-9]\d*)")


@from_request
def import_measured(request: ImportRequest, json: Json = False) -> None:
    """A run from counts or expectation values measured elsewhere. The last line is the run directory."""
    with opened(request.workers) as workers:
        with progress("percent") as report:
            record = carry_out_import(request, typed_words(), report)
        result = analysed(record, json, workers=workers)
    conclude(result, json)


def carry_out_import(request: ImportRequest, typed: Sequence[str], report: Report) -> RunRecord:
    """Checks the request and the file and writes the run; a refusal leaves nothing on disk.

    Args:
        request: What was asked for.
        typed: The words after `hotward import`, as typed.
        report: Told of every step.
    """
    _check_request(request)

    from devices import lasting
    from devices.imports import import_data

    methods = request.methods()
    about: dict[str, object] = {
        "draws": methods.draws,
        "estimator": methods.estimator,
        "gap": None,
        "preset": None,
        "source": "",
        "verified": True,
    }
    if methods.quantities:
        about["quantities"] = [*methods.quantities]
    if request.mitigation not in (None, "none"):
        about["mitigation"] = request.mitigation
    if request.protocol is not None:
        about |= provenance(request.protocol, request.preset)
        about["gap"] = _gap_as_given(request)
        about["notes"] = notes_on_units(_experiment_of_point(request, {}), request.preset, request.values)
    return import_data(
        request.files,
        _reading(request),
        lasting(report),
        protocol=load(request.protocol) if request.protocol else None,
        build=(lambda columns: _experiment_of_point(request, columns)) if request.protocol else None,
        fixed={text.partition("=")[0].strip() for text in request.values},
        bases=request.bases,
        ground=request.ground,
        stderr=request.stderr,
        reference=request.reference,
        gaps=gaps_in(request.gaps) if request.gaps is not None else None,
        runs=request.runs,
        seed=request.seed or 0,
        command=shlex.join(["hotward", "import", *typed]),
        about=about,
        check=partial(_check_quantities, methods.quantities),
    )


def _check_quantities(
    names: Sequence[str], experiment: Experiment | None, qubits: Sequence[str], points: Points, gaps: Gaps | None
) -> None:
    """That the experiment of the file has every quantity that is asked for."""
    if names:
        from analysis import catalogue, check_named

        own = experiment.observables(points) if experiment else ()
        system = experiment.system if experiment else "".join(qubits)
        check_named(names, catalogue(qubits, system, own, experiment, gaps))


def _reading(request: ImportRequest) -> Reading:
    """How the file is to be read, as far as the request says it."""
    from devices.imports import Reading, read_layout

    protocol = load(request.protocol) if request.protocol else None
    asked = {"axis": protocol.axis, "arms": ("main", *protocol.controls)} if protocol else {}
    if request.protocol:
        asked["qubits"] = tuple(_experiment_of_point(request, {}).qubits)
    return Reading(
        form=request.form,
        order=request.order,
        read=tuple(name.strip() for name in request.read.split(",")) if request.read else (),
        shots=request.shots,
        labels=read_layout(request.layout) if request.layout else (),
        bases=request.bases,
        **asked,
    )


def _check_request(request: ImportRequest) -> None:
    for argument, given in (("preset", request.preset), ("set", ", ".join(request.values))):
        if given and request.protocol is None:
            other = " For unequal gaps give --gaps A=5GHz,B=4.8GHz." if "gap" in given else ""
            raise RequestError(
                f"Argument `{argument}` belongs to a protocol, but none is given and it is {given!r}. Add --protocol."
                f"{other}"
            )
    if request.ground not in GROUNDS:
        raise RequestError(
            f"Argument `ground` must be one of {', '.join(GROUNDS)}, but is {request.ground!r}. 0 is the default."
        )
    check_reference(request.reference)
    if request.reference == "nominal" and request.protocol is None:
        raise RequestError(
            "Argument `reference` is nominal, which needs a protocol's exact state, but none is given. Add --protocol."
        )
    check_seed(request.seed)
    if request.mitigation is not None:
        from analysis.mitigation import check_request, chosen_way

        check_request(chosen_way(request.mitigation), request.protocol, "ensemble", None)
    if request.protocol is not None:
        check_preset(load(request.protocol), request.preset)


def _experiment_of_point(request: ImportRequest, columns: Mapping[str, float | str]) -> Experiment:
    """The experiment of one point: preset, then --set, then the columns of the file."""
    assert request.protocol is not None
    kept = [text for text in request.values if "=" not in text or text.partition("=")[0].strip() not in columns]
    own = [f"{name}={value}" if isinstance(value, str) else f"{name}={value!r}" for name, value in columns.items()]
    return build_experiment(request.protocol, request.preset, [*_of_chain(request, columns), *kept, *own])


def _of_chain(request: ImportRequest, columns: Mapping[str, float | str]) -> list[str]:
    """What excited populations and temperatures that are declared say of a chain whose file is not read yet.

    `excitation_6` is one of six sites at least, where by default there are fewer; populations alone are a product.
    The columns of the file have the last word.
    """
    from protocols.program import parameters

    offered = load(request.protocol or "")
    kinds = getattr(offered, "counted_start", ())
    given = {text.partition("=")[0].strip() for text in request.values} | set(columns)
    given |= set(offered.presets[request.preset].values) if request.preset else set()
    said, numbers = [], [int(found[1]) for name in given if (found := _OF_SITE.fullmatch(name))]
    if numbers and "sites" not in given:
        default = {spec.name: spec.default for spec in parameters(offered)}.get("sites", max(numbers))
        said += [f"sites={max(numbers)}"] * (max(numbers) > typing.cast("int", default))
    start = [name for name in given if name.rpartition("_")[0] in kinds or name == "correlation"]
    if start and all(name.startswith("excitation_") for name in start):
        said.append("correlation=none")
    return said


def _gap_as_given(request: ImportRequest) -> str | None:
    """The scale that --set or the preset gives, for display."""
    given = {name.strip(): value.strip() for name, _, value in (text.partition("=") for text in request.values)}
    assert request.protocol is not None
    preset = load(request.protocol).presets[request.preset].values if request.preset else {}
    text = given.get("gap", preset.get("gap", "auto"))
    return None if text == "auto" else text
