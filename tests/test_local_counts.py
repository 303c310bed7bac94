"""Counts of many qubits row by row: the same moments, errors and checks as from tables of all 2^N outcomes.

Seven qubits, of which both ways can be gone; data drawn at random, so that every moment and correlation is there.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.consistency import contradictions
from analysis.data import Counts, LocalCounts, SiteReadout
from analysis.data.counts import tabulate, tabulate_observed
from analysis.marginals import counts_of
from analysis.mitigation.local_totals import with_number
from analysis.mitigation.totals import Totals, total_moments

N = 7
BASES = ("Z" * N, "X" * N, ("XY" * N)[:N])
QUBITS = [f"q{i + 1}" for i in range(N)]
PATTERNS = ["0" * N, "1" * N, ("01" * N)[:N], ("10" * N)[:N]]


def rows(seed: int, calibrated: bool) -> pd.DataFrame:
    """Two times, two members of unequal weight, three settings; outcomes of no particular state."""
    generator, made = np.random.default_rng(seed), []
    for time in (0.0, 1.0):
        for member, weight in ((0, 0.3), (1, 0.7)):
            for basis in BASES:
                shots = int(generator.integers(60, 200))
                bits = generator.random((shots, N)) < generator.uniform(0.05, 0.95, N)
                bits[:, 2] ^= bits[:, 3]  # neighbours that know of each other
                for one, count in zip(*np.unique(bits.astype(int), axis=0, return_counts=True), strict=True):
                    made.append([time, "main", member, weight, basis, "", *one, count])
    for pattern in PATTERNS if calibrated else ():
        right = np.array(list(pattern), dtype=int)
        read = right ^ (generator.random((5000, N)) < np.where(right, 0.08, 0.03))
        for one, count in zip(*np.unique(read, axis=0, return_counts=True), strict=True):
            made.append([np.nan, "main", 0, 1.0, "cal", pattern, *one, count])
    return pd.DataFrame(made, columns=["time", "arm", "member", "weight", "basis", "prepared", *QUBITS, "count"])


def both_ways(calibrated: bool = False) -> tuple[LocalCounts, Counts]:
    asked = {"qubits": QUBITS, "bases": BASES, "arms": ["main"], "parameters": {"time": np.array([0.0, 1.0])}}
    table = rows(5, calibrated)
    return tabulate_observed(table, **asked), tabulate(table, **asked)


@pytest.mark.parametrize("calibrated", [False, True])
def test_moments_are_those_of_a_table_of_all_outcomes(calibrated) -> None:
    local, every = both_ways(calibrated)
    assert local.known == every.known
    for word in local.known:
        assert local.moments[word] == pytest.approx(every.moments[word], abs=1e-10), word


def test_errors_are_those_of_a_table_of_all_outcomes() -> None:
    local, every = both_ways()
    mine, known = (data.linear_errors(data.known) for data in (local, every))
    assert mine.shot == pytest.approx(known.shot, abs=1e-13)
    generator, home = np.random.default_rng(1), np.array([0, 0])
    diagonal = [i for i, word in enumerate(local.known) if set(word) <= {"I", "Z"} and word.count("Z") == 1]
    chosen = [*(np.eye(len(local.known))[i] for i in range(len(local.known))), np.zeros(len(local.known))]
    chosen[-1][diagonal] = generator.normal(size=len(diagonal))  # as energy that has passed a bond
    for one in chosen:
        here, before = np.tile(one, (2, 1)), np.tile(-one, (2, 1))
        assert mine.variance(here, before, home) == pytest.approx(known.variance(here, before, home), abs=1e-13)


def test_readout_errors_move_moments_as_a_difference_quotient_says() -> None:
    local, _ = both_ways(calibrated=True)
    assert local.readout is not None
    found = local.linear_errors(local.known).shared.reshape(2, len(local.known), N, 2)
    for site in (0, 3):
        for way in (0, 1):
            ends = []
            for sign in (1, -1):
                wrong = local.readout.wrong.copy()
                wrong[site, way] += sign * 1e-5
                there = replace(local, readout=replace(local.readout, wrong=wrong)).moments
                ends.append(np.stack([there[word] for word in local.known], axis=1))
            slope = (ends[0] - ends[1]) / 2e-5 * local.readout.noise[site, way]
            assert found[:, :, site, way] == pytest.approx(slope, abs=1e-9)


def test_settings_are_compared_as_from_all_outcomes() -> None:
    local, every = both_ways()
    mine, known = contradictions(local), contradictions(every)
    assert mine is not None
    assert known is not None
    assert mine.labels == known.labels
    assert mine.value == pytest.approx(known.value, abs=1e-12)
    assert mine.covariance == pytest.approx(known.covariance, abs=1e-12)
    assert (mine.chi_square, mine.dof) == (pytest.approx(known.chi_square, rel=1e-9), known.dof)
    assert mine.p < 1e-6  # they do contradict each other: every setting was drawn with its own probabilities


def test_members_that_one_cell_lacks_do_not_disturb_the_comparison() -> None:
    """As where two arms have ensembles of their own."""
    table = rows(5, False)
    table["member"] += 2 * (table["time"] == 1.0)
    asked = {"bases": BASES, "arms": ["main"], "parameters": {"time": np.array([0.0, 1.0])}}
    mine, known = contradictions(tabulate_observed(table, qubits=QUBITS, **asked)), contradictions(both_ways()[0])
    assert mine is not None
    assert known is not None
    assert mine.value == pytest.approx(known.value, abs=1e-12)
    assert mine.covariance == pytest.approx(known.covariance, abs=1e-12)


@pytest.mark.parametrize("pair", [(2, 3), (3, 2), (0, 6)])
def test_counts_of_a_pair_are_those_of_a_table_of_all_outcomes(pair) -> None:
    local, every = both_ways(calibrated=True)
    mine, known = counts_of(local, pair), counts_of(every, pair)
    assert mine.bases == known.bases
    assert (mine.observed == known.observed).all()
    assert mine.frequencies.confusion == pytest.approx(known.frequencies.confusion, abs=1e-12)


def test_qubits_in_another_order_are_other_data() -> None:
    table, asked = rows(5, False), {"bases": BASES, "arms": ["main"], "parameters": {"time": np.array([0.0, 1.0])}}
    local = tabulate_observed(table, qubits=QUBITS, **asked)
    planted = tabulate_observed(table, qubits=QUBITS[::-1], **asked)
    assert planted.moments["Z" + "I" * 6] == pytest.approx(local.moments["I" * 6 + "Z"], abs=1e-14)
    assert planted.moments["Z" + "I" * 6] != pytest.approx(local.moments["Z" + "I" * 6], abs=0.01)


def test_a_qubit_that_is_never_prepared_in_one_state_is_named() -> None:
    from devices import RunError

    table = rows(5, True)
    table = table[table["prepared"].isin(["", "0" * N])]
    with pytest.raises(RunError, match="not of every qubit in both"):
        tabulate_observed(table, qubits=QUBITS, bases=BASES, arms=["main"], parameters={"time": np.array([0.0, 1.0])})


def excited(calibrated: bool) -> pd.DataFrame:
    """Nothing, or one excitation somewhere, with some gate errors, read through those of the readout."""
    generator, made = np.random.default_rng(12), []
    for time in (0.0, 1.0):
        for member in (0, 1):
            bits = np.zeros((900 if time else 500, N), dtype=int)
            where = generator.choice(N, len(bits), p=np.arange(1, N + 1) / 28)
            bits[np.arange(len(bits)), where] = member
            bits ^= generator.random(bits.shape) < 0.01
            if calibrated:
                bits ^= generator.random(bits.shape) < np.where(bits, 0.08, 0.03)
            for one, count in zip(*np.unique(bits, axis=0, return_counts=True), strict=True):
                made.append([time, "main", member, (0.3, 0.7)[member], "Z" * N, "", *one, count])
    columns = ["time", "arm", "member", "weight", "basis", "prepared", *QUBITS, "count"]
    known = rows(5, calibrated)
    return pd.concat([pd.DataFrame(made, columns=columns), known[known["basis"] == "cal"]], ignore_index=True)


@pytest.mark.parametrize("calibrated", [False, True])
def test_shots_of_another_number_are_dropped_as_from_all_outcomes(calibrated, monkeypatch) -> None:
    asked = {"qubits": QUBITS, "bases": ("Z" * N,), "arms": ["main"], "parameters": {"time": np.array([0.0, 1.0])}}
    table = excited(calibrated)
    local, every = tabulate_observed(table, **asked), tabulate(table, **asked)
    monkeypatch.setattr("analysis.mitigation.totals.read", lambda *_, **__: every)
    number = np.array([[0, 1], [0, 1]])
    totals = Totals(number=number, columns=((), ()))
    words = ["I" * i + "Z" + "I" * (N - 1 - i) for i in range(N)]
    (mine, shots), (known, all_shots) = (total_moments(None, data, totals, words) for data in (local, every))
    assert shots == pytest.approx(all_shots, abs=1e-7)
    assert 0.8 < (shots[1] / shots[0]).min() < 1
    for word in words:
        assert mine.values[word] == pytest.approx(known.values[word], abs=1e-10)
        assert mine.values[word] != pytest.approx(local.moments[word], abs=1e-4)  # something was dropped
    assert mine.shot == pytest.approx(known.shot, abs=1e-12)
    if not calibrated:
        assert mine.step == pytest.approx(known.step, abs=1e-12)
        assert not mine.shared.any()
    else:  # the scatter of 32 draws against difference quotients, of all sites together
        slopes = []
        monkeypatch.setattr("analysis.mitigation.totals.CALIBRATIONS", 2)
        for site, way in np.ndindex(N, 2):
            ends = []
            for sign in (1, -1):
                wrong = local.readout.wrong.copy()
                wrong[site, way] += sign * 1e-5
                there = replace(local, readout=replace(local.readout, wrong=wrong))
                found = total_moments(None, there, totals, words)[0].values
                ends.append(np.stack([found[word] for word in words], axis=1))
            slopes.append((ends[0] - ends[1]) / 2e-5 * local.readout.noise[site, way])
        due = (np.array(slopes) ** 2).sum(axis=(0, 2))
        assert (mine.shared**2).sum(axis=(1, 2)) == pytest.approx(due, rel=0.5)
    members = with_number(local.bits[:5], 2, local.readout)
    alone = [with_number(local.bits[row : row + 1], 2, local.readout) for row in range(5)]
    assert members[1] == pytest.approx(np.concatenate([one[1] for one in alone]), abs=1e-14)


def test_a_number_is_a_coefficient_of_a_product_over_the_sites() -> None:
    """Against the inverse confusion of all 2^4 outcomes."""
    generator = np.random.default_rng(3)
    wrong = generator.uniform(0.01, 0.2, (4, 2))
    readout = SiteReadout(wrong=wrong, shots=np.full((4, 2), 100.0))
    inverse = np.eye(1)
    for e0, e1 in wrong:
        inverse = np.kron(inverse, np.linalg.inv([[1 - e0, e1], [e0, 1 - e1]]))
    bits = (np.arange(16)[:, None] >> np.arange(4)[::-1]) & 1
    for number in range(5):
        mask = bits.sum(axis=1) == number
        kept, signed = with_number(bits, number, readout)
        assert kept == pytest.approx(mask @ inverse, abs=1e-12)
        known = ((1 - 2 * bits) * mask[:, None]).T @ inverse
        assert signed == pytest.approx(known.T, abs=1e-12)
