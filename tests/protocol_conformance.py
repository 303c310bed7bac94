"""What the catalogue test asks of any protocol: sizes at which circuits can be simulated, names that fit together."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import strategies as st

from analysis.quantities import catalogue
from protocols import Experiment, RequestError, load
from protocols.collisions import Collisions
from protocols.pauli import assumption, determines
from protocols.program import (
    ALL_USUAL,
    STATE,
    Parameter,
    build,
    gap_parameters,
    heated_subjects,
    machine_of,
    nominal_betas,
    parameters,
    rows_left_out,
)

MOST_QUBITS, MOST_MEMBERS = 10, 64
"""Of a circuit whose density matrix is taken, and of an ensemble of such circuits."""
MOST_DRAWN = 8
"""Of one whose density matrix is taken for many draws: those of 10 qubits take minutes."""


def preparations(protocol: Any) -> tuple[str, ...]:
    """Ways of mixing that the circuits of a test may have."""
    return tuple(word for word in ("ensemble", "purified") if word in protocol.offers.get("preparation", ("ensemble",)))


def options_of(experiment: Experiment, preparation: str, control: str = "") -> dict[str, str]:
    """A preparation, with a qubit for every collision where there are any: all reads are at the end."""
    offered = experiment.offers.get("ancillas", ())
    supply = {"ancillas": "fresh"} if "fresh" in offered else {}
    return {"preparation": preparation, "control": control, **supply}


def small(name: str, qubits: int = MOST_QUBITS) -> dict[str, Any]:
    """Fields of a protocol that differ from their defaults, so that each of its circuits can be simulated.

    Whole numbers count collisions, rounds or qubits: the largest size below the defaults that is bearable is taken.

    Args:
        name: Of the protocol.
        qubits: The most that a circuit may have.
    """
    protocol = load(name)
    counts = [spec for spec in parameters(protocol) if spec.whole and spec.default is not None]
    largest = max((int(np.max(typing.cast("float", spec.default))) for spec in counts), default=0)
    for size in range(largest, -1, -1):
        fields = {spec.name: _at_most(spec, size) for spec in counts}
        if size == 0 or _is_bearable(protocol, fields, qubits):
            return fields
    return {}


def _at_most(spec: Parameter, size: int) -> Any:
    """The default of a whole number, without what is larger than a size and not the least that is allowed."""
    values = np.unique(np.asarray(spec.default, dtype=float))
    least = spec.low if np.isfinite(spec.low) else values.min()
    kept = np.unique(np.clip(values, None, max(size, least)))
    return kept if kept.size > 1 else float(kept[0])


def _is_bearable(protocol: Any, fields: dict[str, Any], qubits: int) -> bool:
    try:
        experiment = protocol(**fields)
        controls = ",".join(experiment.controls)
        for preparation in preparations(protocol):
            points = experiment.points(options_of(experiment, preparation, controls))
            settings = experiment.settings(points, ["Z" * len(experiment.qubits)])
            largest = {(s.arm, s.structure): s for s in settings}
            if max(s.member for s in settings) >= MOST_MEMBERS:
                return False
            if any(experiment.template(s).num_qubits > qubits for s in largest.values()):
                return False
    except RequestError:
        return False
    return True


def drawn_fields(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Real numbers near the defaults of a protocol, within their domains, at a small size."""
    sizes = small(name, MOST_DRAWN)
    real = {
        spec.name: st.floats(*_near(spec))
        for spec in parameters(load(name))
        if not (spec.whole or spec.choices or spec.unit == "quantity" or np.ndim(typing.cast("float", spec.default)))
        and spec.default is not None
    }
    return st.fixed_dictionaries(real).map(lambda fields: {**fields, **sizes})


def _near(spec: Parameter) -> tuple[float, float]:
    default = float(typing.cast("float", spec.default))
    width = abs(default) / 2 or 0.5
    low, high = max(default - width, spec.low), min(default + width, spec.high)
    margin = 1e-3 * (high - low) if spec.strict else 0.0
    return low + margin, high - margin


def complaints(name: str) -> list[str]:
    """What does not fit together in the file of a protocol, though nothing fails for it."""
    return list(_complaints(load(name), name))


def _complaints(protocol: Any, name: str) -> Iterator[str]:
    if protocol.__name__.lower() != name.replace("-", ""):
        yield f"class {protocol.__name__} is not named like its file"
    for key, preset in protocol.presets.items():
        try:
            build(protocol, preset.values)
        except RequestError as error:
            yield f"preset {key}: {error}"
    experiment = protocol(**small(name))
    points = experiment.points()
    own = experiment.observables(points)
    registers = {register for arm in points.arms for register in experiment.registers(points, arm)}
    for observable in own:
        for word in observable.reads:
            if not _is_measured(word, experiment, registers):
                yield f"{observable.name} {observable.subject} reads {word}, which none of `measurements` determines"
    for word in {"preparation", "ancillas"} & {*experiment.offers} if isinstance(experiment, Collisions) else ():
        if not registers:
            yield f"offers: {word} where there are no ancillas; say offers = {{}}"
    usual = _usual_rows(experiment)
    rows = {(o.name, o.subject) for o in catalogue(experiment.qubits, experiment.system, own, experiment)}
    goal = experiment.goal(points)
    if goal is not None and not {(goal.observable, goal.subject), (goal.limit, goal.subject)} <= rows:
        yield f"goal: {goal.observable} and {goal.limit} of {goal.subject} are not both rows of the table"
    for subject in experiment.sides or ():
        if not {("heat", subject), ("energy_change", subject)} & rows:
            yield f"sides: there is neither heat nor energy_change of {subject}"
    for subject in heated_subjects(experiment):
        if ("heat", subject) not in rows:
            yield f"heated: there is no heat of {subject}"
    for row in rows_left_out(experiment):
        if row != ALL_USUAL and row not in usual and row not in {observable for observable, _ in usual}:
            yield f"without: {row} is no usual row"
    for qubit, gap in gap_parameters(experiment).items():
        if qubit not in experiment.qubits or gap not in points.parameters:
            yield f"gaps: {qubit} is no qubit of the system, or {gap} no parameter"
    machine = machine_of(experiment)
    if machine is not None and (machine.cycle not in points.parameters or not {*machine.rows} <= rows):
        yield f"machine: {machine.cycle} is no parameter, or one of {machine.rows} no row of the table"
    for subject in nominal_betas(experiment, points.parameters):
        if subject not in (*experiment.qubits, *registers):
            yield f"inverse_temperatures: {subject} is neither a qubit nor a register"


def _usual_rows(experiment: Experiment) -> set[tuple[str, str]]:
    """Rows of the same qubits, whatever of them exchanges heat."""
    qubits, system = experiment.qubits, experiment.system
    heated: Any = types.SimpleNamespace(heated=(*qubits, system))
    return {(o.name, o.subject) for one in (None, heated) for o in catalogue(qubits, system, (), one)}


def _is_measured(word: str, experiment: Experiment, registers: set[str]) -> bool:
    sets = experiment.measurements.values()
    if word == STATE:
        return any(assumption(bases)[0] != "none" for bases in sets)
    return word in registers or any(determines(basis, word) for bases in sets for basis in bases)
