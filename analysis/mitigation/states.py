r"""Functions of the state with the errors of gates removed: the survival alone, for it holds in every setting.

Member by member rho -> [rho - (1 - F) 1/d]/F, and then mixed. In frequencies: with weights w_m/(F_m W) and W the sum of
w_m/F_m, the mixture of what was read is that of the mitigated state behind a depolarisation of 1/W,

    sum_m w_m/(F_m W) q_m = p/W + (1 - 1/W)/d,

so that the readout confusion, with this depolarisation in front of it, is all that estimators and draws have to know.
What the pooled survival adds to an error is found by moving it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analysis.data import Counts
from analysis.estimate_arrays import Estimated, Estimates, Name
from analysis.intervals import NORMAL_95, Cells, Estimate, Methods, estimates
from analysis.intervals.draws import samples
from analysis.intervals.estimation import fit_states
from analysis.intervals.methods import evaluated
from analysis.mitigation.members import Members
from analysis.mitigation.rows import MitigatedRow, finished
from analysis.mitigation.survive import SYSTEMATIC, Survival
from protocols import Array, Observable
from protocols.program import STATE

OF_STATES = (
    "entropy",
    "mutual_information",
    "concurrence",
    "signed_concurrence",
    "entanglement_of_formation",
    "negativity",
    "discord",
    "geometric_discord",
)
INTERVAL = "bootstrap"
"""Of all of them: searches of the likelihood would take as long again as the whole raw analysis."""
EXACT = 1e12
"""Shots of a calibration that was not measured, whose confusion is that of the gates alone."""


def state_rows(
    data: Counts,
    cells: Cells,
    found: Estimates,
    members: Members,
    survived: Survival,
    methods: Methods,
    scale: float = 1.0,
) -> dict[Name, MitigatedRow]:
    """Entropies and correlations of the mitigated states; none where the settings determine no state.

    Args:
        data: What was measured.
        cells: The cells and their references.
        found: The raw estimates.
        members: Their gates.
        survived: The pooled survival.
        methods: Estimators and draws.
        scale: By which statistical errors are multiplied.
    """
    raw = [one for one in found.quantities.values() if _of_state(one.observable)]
    if not raw or data.family[0] == "none":
        return {}
    chosen = [one.observable for one in raw]
    drawn = Methods(
        estimator=methods.estimator,
        estimators={name: of for name, of in methods.estimators.items() if name in {o.name for o in chosen}},
        intervals={o.name: INTERVAL for o in chosen},
        draws=methods.draws,
    )
    # counting noise may put the survival above 1: no state is then made purer than it was read
    factor = min(survived.factor, 1.0)
    less = factor - survived.slope * survived.stderr
    clean, moved = (
        without_gate_errors(data, replace(survived, factor=one).factors(members.gates)) for one in (factor, less)
    )
    made = estimates(chosen, clean, cells, drawn, data.seed)
    steps = np.abs(_values(chosen, moved, cells, drawn) - _values(chosen, clean, cells, drawn))
    return {
        (one.observable.name, one.observable.subject): _row(one, new, step, scale)
        for one, new, step in zip(raw, made, steps, strict=True)
    }


def without_gate_errors(data: Counts, factors: Array) -> Counts:
    """Counts whose weights and calibration are such that the state behind them is the mitigated one.

    Args:
        data: What was measured.
        factors: F of every member, (cells, members).
    """
    inflated = data.weight / factors
    total = inflated.sum(axis=1, keepdims=True)
    left = (data.weight.sum(axis=1, keepdims=True) / total)[:, :, None]
    size = data.observed.shape[-1]
    calibration = data.calibration if data.calibrated else EXACT * np.eye(size)
    spilt = calibration.mean(axis=0)
    return replace(data, weight=inflated / total, calibration=left * calibration + (1 - left) * spilt)


def _of_state(o: Observable) -> bool:
    return o.name in OF_STATES and STATE in o.reads and not (o.reference or o.pair)


def _values(chosen: Sequence[Observable], data: Counts, cells: Cells, methods: Methods) -> Array:
    """Estimates without errors, (observables, cells), mapped and within what is possible."""
    fitted = fit_states(chosen, data, methods)
    measured = samples(data.reading, cells, {name: one.states for name, one in fitted.items()})
    values = [evaluated(o, measured[methods.estimator_of(o)]) for o in chosen]
    mapped = [o.through(v) if o.through else v for o, v in zip(chosen, values, strict=True)]
    return np.array([np.clip(v, *o.bounds) for o, v in zip(chosen, mapped, strict=True)])


def _row(raw: Estimated, made: Estimate, step: Array, scale: float) -> MitigatedRow:
    """A row whose error has what the survival adds, and whose interval has the systematic error as well."""
    systematic = SYSTEMATIC * np.abs(made.value - raw.value.ravel())
    reach = NORMAL_95 * np.hypot(scale * step, systematic)
    least, most = raw.observable.bounds
    below, above = (np.hypot(scale * side, reach) for side in (made.value - made.low, made.high - made.value))
    total = replace(made, low=np.maximum(made.value - below, least), high=np.minimum(made.value + above, most))
    statistical = replace(made, stderr=scale * np.hypot(made.stderr, step))
    return finished(raw, statistical, total, systematic)
