"""A run -> its quantities with the errors of gates removed: the one entrance."""

from __future__ import annotations

import typing
from collections.abc import Sequence

import numpy as np

from analysis.data import Counts, Data, LocalCounts
from analysis.estimate_arrays import Estimates
from analysis.intervals import Cells, Methods
from analysis.mitigation.members import Members, Mitigation, check_request, members_of_run, refused, z_setting
from analysis.mitigation.moments import MitigatedMoments, mitigated_moments
from analysis.mitigation.rows import Mitigated, kept_fractions, linear_rows
from analysis.mitigation.states import state_rows
from analysis.mitigation.survive import check_survival, measured_survival
from analysis.mitigation.totals import kept_by_arm, total_moments, totals_of_run
from protocols import load
from protocols.program import members_of

if typing.TYPE_CHECKING:
    from devices import RunRecord


def mitigated(
    record: RunRecord,
    data: Data,
    cells: Cells,
    found: Estimates,
    way: Mitigation,
    methods: Methods | None = None,
    scale: float = 1.0,
) -> Mitigated:
    """Everything that a run says with the errors of its gates removed.

    Args:
        record: The run.
        data: What was measured.
        cells: The cells and their references.
        found: The raw estimates.
        way: "symmetry", "survival" or "both".
        methods: Estimators and draws of functions of the state; None: they are left out.
        scale: By which statistical errors are multiplied, as those of the raw rows.

    Raises:
        RequestError: Where that is not possible, with the reason.
    """
    _check_calibration(record, data)
    protocol, options = record.start["protocol"], record.start["points"]["options"]
    check_request(way, protocol, options.get("preparation", "ensemble"), None)
    if way == "symmetry" and not members_of(load(protocol)) and isinstance(data, Counts | LocalCounts):
        return _of_totals(record, data, cells, found, scale)
    members, counts = members_of_run(record, data)
    return removed(counts, members, cells, found, way, methods, scale)


def _check_calibration(record: RunRecord, data: Data) -> None:
    """Refuses a noisy device's counts without a readout calibration: its errors would be taken for those of gates."""
    noisy = record.start["device"]["noisy"] and not record.start.get("imported")
    if noisy and not data.calibrated:
        raise refused(
            "needs the readout corrected, whose errors would pass for those of gates, but it is not. Measure with "
            "--calibration-shots, and analyse without --uncorrected"
        )


def _of_totals(
    record: RunRecord, data: Counts | LocalCounts, cells: Cells, found: Estimates, scale: float
) -> Mitigated:
    """Symmetry on the total number of system and ancillas."""
    totals, members = totals_of_run(record, data)
    shots = np.zeros((2, *totals.number.shape))

    def moments_of(words: Sequence[str]) -> MitigatedMoments:
        moments, shots[:] = total_moments(record, data, totals, words)
        return moments

    rows = linear_rows(data, cells, found, moments_of, scale, data.registers)
    kept = kept_by_arm(totals, shots, record.start["arms"], members.numbers)
    return Mitigated(way="symmetry", rows=rows, survival=None, kept=kept, members=members)


def removed(
    counts: Counts,
    members: Members,
    cells: Cells,
    found: Estimates,
    way: Mitigation,
    methods: Methods | None = None,
    scale: float = 1.0,
) -> Mitigated:
    """The same of counts whose members are known.

    Args:
        counts: What was measured.
        members: Their numbers of excitations and gates.
        cells: The cells and their references.
        found: The raw estimates.
        way: "symmetry", "survival" or "both".
        methods: Estimators and draws of functions of the state; None: they are left out.
        scale: By which statistical errors are multiplied.

    Raises:
        RequestError: For a survival that depolarisation does not explain.
    """
    inverse = np.linalg.pinv(counts.confusion)
    survived = None
    if way != "symmetry":
        references = np.unique(cells.home[cells.home >= 0]).tolist()
        survived = measured_survival(counts, members, inverse, references)
        check_survival(survived)
    z = z_setting(counts)
    true = counts.observed[:, :, z] / np.maximum(counts.shots[:, :, z, None], 1) @ inverse.T

    def moments_of(words: Sequence[str]) -> MitigatedMoments:
        return mitigated_moments(counts, members, way, survived, words)

    rows = linear_rows(counts, cells, found, moments_of, scale)
    if methods is not None and survived is not None:
        rows |= state_rows(counts, cells, found, members, survived, methods, scale)
    return Mitigated(
        way=way,
        rows=rows,
        survival=survived,
        kept=kept_fractions(counts, members, true),
        members=members,
    )
