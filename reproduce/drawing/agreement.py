"""Whether points of a run are those of a curve: of a pair by its state, of any other protocol by its parameters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from devices import RunRecord
from protocols import Array
from protocols.heat_exchange import HeatExchange
from protocols.program import parameters
from reproduce.drawing.figure import Measure
from reproduce.pairs import closed

PAIRS = ("heat-exchange", "heat-pump")
"""Protocols that start with the same pair, whose state tells more than names of parameters (decision 48)."""
SAME = 1e-6
"""States, couplings and parameters that differ by less, relative to what is larger than 1, are the same."""


def protocols_of(measure: Measure) -> tuple[str, ...]:
    """Names of the protocols whose runs a measure takes."""
    return PAIRS if measure.experiment.name in PAIRS else (measure.experiment.name,)


def agreeing(measure: Measure, record: RunRecord, arm: str) -> Array:
    """Which points of an arm belong to a measure, (points,) bool.

    Args:
        measure: What is looked for.
        record: The run.
        arm: One of its arms.
    """
    if record.start["protocol"] not in protocols_of(measure):
        return np.zeros(len(record.points), dtype=bool)
    if isinstance(measure.experiment, HeatExchange):
        return _same_pair(measure, measure.experiment, record, arm)
    found = np.full(len(record.points), arm == measure.arm)
    for _, has, wanted in _compared(measure, record):
        found &= _same(has, wanted)
    return found


def differences(measure: Measure, record: RunRecord) -> list[tuple[str, str, str]]:
    """Parameters in which no point of a run is as a measure has it: name, value in the run, value wanted.

    Args:
        measure: What is looked for.
        record: A run of its protocol.
    """
    found = []
    for name, has, wanted in _compared(measure, record):
        if not _same(has, wanted).any():
            values = dict.fromkeys(_said(one) for one in has.tolist())
            shown = ", ".join(list(values)[:3]) + (", ..." if len(values) > 3 else "")
            found.append((name, shown, _said(wanted)))
    return found


def _compared(measure: Measure, record: RunRecord) -> Iterator[tuple[str, Array, object]]:
    """Every parameter that has to agree: its name, its values in the run, (points,), and the one wanted."""
    mine, theirs = measure.experiment.points({}, reference="nominal"), record.points
    for spec in parameters(measure.experiment):
        if spec.name in (measure.axis, *measure.free):
            continue
        if spec.choices:
            yield spec.name, np.array([theirs.options.get(spec.name, "")] * len(theirs)), mine.options[spec.name]
        elif spec.name in mine.parameters or spec.name in theirs.parameters:
            # one that was left alone may have no numbers: then it is what it is by itself
            left = np.full(len(theirs), _number(spec.automatic))
            wanted = mine.parameters.get(spec.name, left)
            yield spec.name, theirs.parameters.get(spec.name, left), float(wanted[0])


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def _same(has: Array, wanted: object) -> Array:
    if isinstance(wanted, str):
        return has == wanted
    assert isinstance(wanted, float)
    return (np.abs(has - wanted) <= SAME * max(abs(wanted), 1)) | (np.isnan(has) & np.isnan(wanted))


def _said(value: object) -> str:
    return value if isinstance(value, str) else f"{value:.7g}"


def _same_pair(measure: Measure, pair: HeatExchange, record: RunRecord, arm: str) -> Array:
    """Which points start in the state of a pair and have its coupling, in any arm unless one is named."""
    if measure.arm not in ("main", arm):
        return np.zeros(len(record.points), dtype=bool)
    mine, ideal = record.points.parameters, record.ideal()
    points = pair.points({}, reference="nominal")
    rho = _turned(closed.initial(pair), points.parameters["coupling_phase"][0])
    theirs = _turned(ideal["reference_state"][record.start["arms"].index(arm)], mine["coupling_phase"])
    close = np.abs(theirs - rho).max(axis=(-2, -1)) < SAME
    coupling = points.parameters["coupling"][0]
    return close & (np.abs(mine["coupling"] - coupling) < SAME * coupling)


def _turned(rho: Array, phi_V: Array | float) -> Array:
    """A state with A's phase turned so that the exchange is the XY coupling."""
    phase = np.exp(1j * np.asarray(phi_V))
    turn = np.ones((*phase.shape, 4), dtype=complex)
    # rho_{01,10} -> e^{-i phi_V} rho_{01,10}
    turn[..., 2] = phase
    return turn[..., :, None] * rho * turn[..., None, :].conj()
