"""Is the readout that was calibrated the one that the data went through, and do counts scatter as shot noise lets them.

Both rest on a protocol that declares an exchange: its states have five free moments at a point, <ZI>, <IZ>, <ZZ>,
<XX> = <YY> and <XY> = -<YX>, whatever relaxes, dephases or was prepared otherwise. All else that was read is known.
"""

from __future__ import annotations

import typing

import numpy as np

from analysis.consistency import Along, ReadModel, larger_readout_errors, read_model, white_noise, with_qubits_exchanged
from analysis.data import Counts
from analysis.statistics import ALARM, best_of, p_value
from analysis.tomography import family_basis, outcome_design
from analysis.verdict import Calibration, Check, Missing, NotTested, Question, Scatter
from protocols import Array

if typing.TYPE_CHECKING:
    from analysis.result import Analysis

FAR_BETTER = 9.55
"""Chi-square that the exchanged calibration has to gain: where both are known, the one as labelled loses so much with a
chance of at most `ALARM`, whatever they are."""
TRIALS = 2
"""Readout errors are looked for in what no exchange makes, and against the declared states."""
ELEVATED = 0.05
"""p-value below which both parts of the scatter have to be, where their sum is below `ALARM`."""


def readout_checks(analysis: Analysis) -> list[Check]:
    """Checks of two qubits that exchange heat with each other alone, read in settings that hold more than that needs.

    Args:
        analysis: Of counts.
    """
    counts = analysis.data
    if not isinstance(counts, Counts) or counts.batch is not None or analysis.ideal_states is None:
        return []
    cells = np.flatnonzero((counts.shots > 0).all(axis=(1, 2)))
    if not len(cells):
        return []
    form = read_model(counts, cells, family="minimal")
    if not form.dof:
        return []
    made = [_calibration(analysis, counts, cells, form)] if counts.calibrated else []
    return [_scatter(form, read_model(counts, cells, family="full")), *made]


def _scatter(form: ReadModel, settings: ReadModel) -> Check:
    """What settings contradict each other in, and what an exchange leaves zero: both scatter alike if counts do."""
    zero = form.chi_square - settings.chi_square, form.dof - settings.dof
    if not settings.dof or not zero[1]:
        return Check(question=Question.SCATTER, passed=None, finding=NotTested(why=Missing.REPEATED_MOMENTS))
    found = Scatter(
        chi_square=form.chi_square,
        dof=form.dof,
        p=form.p,
        settings=(settings.chi_square, settings.dof),
        zero=zero,
    )
    both = max(settings.p, p_value(*zero)) < ELEVATED
    return Check(question=Question.SCATTER, passed=not (found.p < ALARM and both), finding=found)


def _calibration(analysis: Analysis, counts: Counts, cells: Array, form: ReadModel) -> Check:
    """Whether readout errors are larger than the calibrated ones, and whether those of A and B were exchanged.

    That errors are smaller shows elsewhere: members would have negative probabilities.
    """
    larger = larger_readout_errors(form, counts, cells)
    declared = exchanged = None
    if _declared_states_are_trusted(analysis):
        expected, other = _expected(analysis, counts, cells), with_qubits_exchanged(counts)
        declared, exchanged = (read_model(one, cells, expected=expected) for one in (counts, other))
        beyond = larger_readout_errors(declared, counts, cells)
        if beyond.sigma > larger.sigma and _explains(beyond, declared, counts, cells):
            larger = beyond
    p_scale = best_of(larger.sigma, TRIALS)
    swapped = (
        declared is not None
        and exchanged is not None
        and declared.chi_square - exchanged.chi_square > FAR_BETTER
        and exchanged.p >= ALARM
    )
    found = Calibration(
        scale=1 + larger.size,
        stderr=larger.stderr,
        p_scale=p_scale,
        as_labelled=declared and declared.chi_square,
        exchanged=exchanged and exchanged.chi_square,
        dof=declared.dof if declared else 0,
        swapped=swapped,
        qubits=tuple(analysis.record.start["qubits"]),
    )
    return Check(question=Question.CALIBRATION, passed=not swapped and p_scale >= ALARM, finding=found)


def _explains(larger: Along, declared: ReadModel, counts: Counts, cells: Array) -> bool:
    """Whether larger readout errors leave the declared states as they are, and white noise would not do as well."""
    left = p_value(declared.chi_square - larger.sigma**2, declared.dof)
    return left >= ALARM and larger.sigma**2 - white_noise(declared, counts, cells).sigma ** 2 > FAR_BETTER


def _declared_states_are_trusted(analysis: Analysis) -> bool:
    """Devices whose gates have errors do not prepare them; what was imported is held to what is said of it."""
    return analysis.ideal_states is not None and not analysis.noisy


def _expected(analysis: Analysis, counts: Counts, cells: Array) -> Array:
    """Exact probabilities of the true outcomes, (cells, settings, outcomes)."""
    assert analysis.ideal_states is not None
    states = analysis.ideal_states.reshape(-1, *analysis.ideal_states.shape[-2:])[cells]
    coefficients = np.einsum("kij,cji->ck", family_basis("full"), states).real
    return np.einsum("sok,ck->cso", outcome_design(counts.bases, "full"), coefficients)
