"""Means over copies: the law they follow, what they rest on, and what a run with copies says."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.linalg import expm

from analysis import analyse
from analysis.checks.of_copies import ChecksOfCopy, with_worst_copies
from analysis.copies import why_summed
from analysis.result import Analysis
from analysis.statistics import ALARM, cone_sigma, random_effects, student_quantile, student_sigma
from analysis.verdict import Check, Question, Scatter, Valued
from devices import RunRecord
from devices.imports import import_file
from protocols import RequestError
from protocols.heat_exchange import HeatExchange
from protocols.pauli import outcome_probabilities

# ---- the law ----


def by_hand(y: list[float], v: list[float]) -> dict[str, float]:
    """DerSimonian and Laird with Hartung and Knapp's error, written out."""
    k, w = len(y), [1 / one for one in v]
    mean = sum(a * b for a, b in zip(w, y, strict=True)) / sum(w)
    Q = sum(a * (b - mean) ** 2 for a, b in zip(w, y, strict=True))
    tau2 = max(0.0, (Q - (k - 1)) / (sum(w) - sum(a * a for a in w) / sum(w)))
    star = [1 / (one + tau2) for one in v]
    mu = sum(a * b for a, b in zip(star, y, strict=True)) / sum(star)
    factor = max(1.0, math.sqrt(sum(a * (b - mu) ** 2 for a, b in zip(star, y, strict=True)) / (k - 1)))
    stderr = factor / math.sqrt(sum(star))
    reach = float(stats.t.ppf(0.975, k - 1)) * stderr
    left_out = [
        sum(a * b for i, (a, b) in enumerate(zip(star, y, strict=True)) if i != j)
        / sum(a for i, a in enumerate(star) if i != j)
        for j in range(k)
    ]
    ends = {"low": mu - reach, "high": mu + reach, "lowest": min(left_out), "highest": max(left_out)}
    return {"value": mu, "stderr": stderr, "tau": math.sqrt(tau2), "Q": Q, "p": stats.chi2.sf(Q, k - 1), **ends}


@pytest.mark.parametrize("spread", [0.0, 0.5, 3.0])
def test_random_effects_are_those_written_out_by_hand(spread: float) -> None:
    generator = np.random.default_rng(7)
    v = generator.uniform(0.5, 2.0, size=(6, 5))
    y = generator.normal(size=(6, 5)) * np.sqrt(v + spread**2)
    found = random_effects(y, v)
    for i in range(5):
        for name, value in by_hand(y[:, i].tolist(), v[:, i].tolist()).items():
            assert getattr(found, name)[i] == pytest.approx(value, rel=1e-10), name


def test_copies_that_agree_claim_no_less_than_their_own_noise() -> None:
    found = random_effects(np.full((5, 1), 0.2), np.full((5, 1), 0.01))
    assert found.stderr == pytest.approx(0.1 / math.sqrt(5))
    assert (found.tau, found.Q, found.p) == (0.0, 0.0, 1.0)


def test_what_has_no_noise_and_what_has_no_value() -> None:
    y = np.array([[0.0, 1.0, np.nan, np.nan], [0.0, 2.0, 1.0, np.nan], [0.0, 4.0, 3.0, 5.0]])
    v = np.array([[0.0, 0.0, np.nan, np.nan], [0.0, 0.0, 1.0, np.nan], [0.0, 0.0, 1.0, 4.0]])
    found = random_effects(y, v)
    # heat at its own reference is 0 by definition
    assert (found.value[0], found.stderr[0], found.tau[0]) == (0.0, 0.0, 0.0)
    # without noise the scatter is that of the copies
    assert found.value[1] == pytest.approx(7 / 3)
    assert found.stderr[1] == pytest.approx(np.std([1, 2, 4], ddof=1) / math.sqrt(3))
    assert (found.value[2], found.degrees[2]) == (2.0, 1)
    # one copy tells its own error, and nothing of others
    assert (found.value[3], found.stderr[3], found.degrees[3]) == (5.0, 2.0, 0)
    assert np.isnan(found.tau[3])
    assert np.isinf(found.high[3])


def test_significances_are_those_of_students_t() -> None:
    for degrees in (1, 2, 7, 43):
        for t in (0.5, 3.0, 12.0, 60.0):
            z = float(student_sigma(t, degrees))
            assert stats.norm.logsf(z) == pytest.approx(stats.t.logsf(t, degrees), rel=1e-6)
            assert float(student_sigma(-t, degrees)) == -z
    assert student_quantile(4, 0.9) == pytest.approx(stats.t.ppf(0.9, 4))
    # so far out that no float holds the tail, it still rises
    assert student_sigma(1e4, 1000.0) > student_sigma(1e3, 1000.0) > 37
    assert float(Valued(value=1.0, stderr=0.1, degrees=1).sigmas) == pytest.approx(stats.norm.isf(stats.t.sf(10, 1)))
    alone = Valued(value=1.0, stderr=0.1, degrees=2).minus(Valued(value=0.0, stderr=0.1))
    assert alone.degrees == 2


def test_the_law_of_a_cone_holds_with_few_copies() -> None:
    """Two numbers about 0, of a covariance from five of them: beyond a cone as often as the tail says."""
    generator = np.random.default_rng(11)
    runs, copies = 40_000, 5
    y = generator.normal(size=(runs, copies, 2))
    mean, left = y.mean(axis=1), y - y.mean(axis=1, keepdims=True)
    root = np.linalg.inv(np.linalg.cholesky(np.einsum("rci,rcj->rij", left, left) / (copies * (copies - 1))))
    # distance from the half line of negative first numbers, in the covariance of the mean
    here, edge = np.einsum("rij,rj->ri", root, mean), np.einsum("rij,j->ri", root, np.array([-1.0, 0.0]))
    along = np.maximum((here * edge).sum(axis=1) / (edge**2).sum(axis=1), 0)
    distance = np.linalg.norm(here - along[:, None] * edge, axis=1)
    for far in (2.0, 4.0, 8.0):
        expected = stats.norm.sf(cone_sigma(far, math.pi, copies - 1))
        # 5 standard errors of a count: one run in 2e6
        assert (distance > far).mean() == pytest.approx(expected, abs=5 * math.sqrt(expected / runs))


# ---- a run with copies ----

TIMES = (0.0, 3.5, 7.0, 10.5, 14.0)
BIASES = (0.0, 0.004, -0.004, 0.008)
FLIPS = ((0.01, 0.02), (0.03, 0.12), (0.02, 0.02), (0.05, 0.01))


def states(bias: float) -> Iterator[tuple[float, np.ndarray]]:
    """Of an exchange, by matrices; a copy loses some of the excitation of A."""
    experiment = HeatExchange(time=[0.0])
    start = experiment.state(experiment.points({}, reference="nominal"))[0]
    swap = np.zeros((4, 4), dtype=complex)
    swap[1, 2] = swap[2, 1] = 0.1
    for time in TIMES:
        turn = expm(-1j * swap * time)
        rho = turn @ start @ turn.conj().T
        lost = np.clip((0.01 + bias) / max(rho[2, 2].real, 0.1), 0, 1)
        kraus = np.diag([1, 1, math.sqrt(1 - lost), 1]), np.zeros((4, 4))
        kraus[1][0, 2] = math.sqrt(lost)
        yield time, sum(k @ rho @ k.T for k in kraus)


def file_of(path: Path, copies: int = 4, shots: int = 4000, bases: Sequence[str] = ("ZZ",), seed: int = 3) -> Path:
    """Counts of copies that differ in bias and in readout, each calibrated."""
    generator, lines = np.random.default_rng(seed), ["time,copy,basis,prepared,A,B,count"]
    for copy in range(copies):
        (a, b), bias = FLIPS[copy % 4], BIASES[copy % 4]
        one, other = (np.array([[1 - f, 2 * f], [f, 1 - 2 * f]]) for f in (a, b))
        read = np.kron(one, other)
        for time, rho in states(bias):
            for basis in bases:
                drawn = generator.multinomial(shots, read @ outcome_probabilities(rho, basis))
                lines += [f"{time},{copy},{basis},,{k >> 1},{k & 1},{n}" for k, n in enumerate(drawn)]
        for k, column in enumerate(read.T):
            drawn = generator.multinomial(shots, column)
            lines += [f",{copy},cal,{k >> 1}{k & 1},{j >> 1},{j & 1},{n}" for j, n in enumerate(drawn)]
    path.write_text("\n".join(lines) + "\n")
    return path


def taken_in(path: Path, bases: str = "ZZ") -> RunRecord:
    built = {"protocol": HeatExchange, "build": lambda columns: HeatExchange(**columns)}
    return import_file(path, runs=path.parent / "runs", bases=bases, **built)


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    return analyse(taken_in(file_of(tmp_path_factory.mktemp("copies") / "four.csv")))


def rows(table: pd.DataFrame, observable: str, subject: str, copy: str) -> pd.DataFrame:
    chosen = (table["observable"] == observable) & (table["subject"] == subject) & (table["copy"] == copy)
    return table[chosen & (table["role"] != "fit")]


def alone(record: RunRecord, copy: int, folder: Path) -> Analysis:
    """One copy as a run of its own."""
    counts = record.counts()
    own = counts[counts["copy"] == copy].drop(columns=["copy", "point", "arm", "role", "pass"], errors="ignore")
    path = folder / f"copy{copy}.csv"
    own.assign(prepared=own["prepared"].fillna("")).to_csv(path, index=False)
    return analyse(taken_in(path))


def test_every_copy_is_estimated_like_a_run_of_its_own_and_the_mean_is_theirs(four: Analysis, tmp_path: Path) -> None:
    each = [alone(four.record, copy, tmp_path) for copy in range(4)]
    for name in (("energy", "A"), ("heat", "A"), ("heat", "B")):
        of = [one.estimates.quantities[name] for one in each]
        own = [rows(four.table, *name, str(copy)) for copy in range(4)]
        for row, one in zip(own, of, strict=True):
            assert row["value"].to_numpy() == pytest.approx(one.value[0], abs=1e-12)
            assert row["stderr"].to_numpy() == pytest.approx(one.stderr[0], abs=1e-12)
        pooled = rows(four.table, *name, "pooled")
        for i in range(1, len(TIMES)):
            y, v = [float(one.value[0, i]) for one in of], float(np.mean([one.stderr[0, i] ** 2 for one in of]))
            # equal shots: the variances of one experiment are those of all copies together
            expected = by_hand(y, [v] * 4)
            for column in ("value", "stderr", "low", "high"):
                assert pooled[column].iloc[i] == pytest.approx(expected[column], rel=1e-9), (name, column)
            found = four.copies.pooled[name]
            for column in ("tau", "Q", "p", "lowest", "highest"):
                assert getattr(found, column)[0, i] == pytest.approx(expected[column], rel=1e-9), (name, column)


@pytest.mark.slow
def test_each_copy_has_its_own_readout(four: Analysis) -> None:
    """With the readout of their mean the copies would differ by what their readouts do."""
    energy = four.copies.of(("energy", "B"))[:, 0]
    raw = analyse(four.record, readout_correction=False).copies.of(("energy", "B"))[:, 0]
    assert np.ptp(raw, axis=0).mean() > 0.06
    assert np.abs(energy - energy.mean(axis=0)).max() < 0.03
    assert np.ptp(energy, axis=0).mean() < np.ptp(raw, axis=0).mean() / 2


def test_the_verdict_is_one_of_the_mean_and_says_so(four: Analysis) -> None:
    verdict = four.verdict
    assert verdict.headline.startswith("mean of 4 copies: ")
    assert verdict.degrees == 3
    assert "errors that all copies share do not average out" in verdict.details[0]
    told = verdict.as_dict()["copies"]
    at = [round(t, 6) for t in TIMES].index(told["spread"]["at"])
    found = four.copies.pooled["heat", "A"]
    assert (told["number"], told["spread"]["dof"]) == (4, 3)
    assert told["spread"]["tau"] == found.tau[0, at]
    assert told["spread"]["Q"] == found.Q[0, at]
    assert told["spread"]["p"] == found.p[0, at]
    # the significance is that of the row's interval: t of 3 degrees of freedom
    hot = verdict.claim.here.hot
    assert verdict.sigma <= float(student_sigma(hot.value / hot.stderr, 3)) + 1e-9
    assert float(student_sigma(hot.value / hot.stderr, 3)) < hot.value / hot.stderr


@pytest.mark.slow
def test_two_copies_carry_no_claim_that_their_interval_does_not(tmp_path: Path) -> None:
    found = analyse(taken_in(file_of(tmp_path / "two.csv", copies=2)))
    heat = rows(found.table, "heat", "A", "pooled")
    reach = (heat["high"] - heat["value"]) / heat["stderr"]
    assert reach.iloc[1:].to_numpy() == pytest.approx(stats.t.ppf(0.975, 1))
    assert found.verdict.reversed is None or not found.verdict.reversed
    assert "no direction" in found.headline


def test_one_copy_has_no_column_of_copies(tmp_path: Path) -> None:
    found = analyse(taken_in(file_of(tmp_path / "one.csv", copies=1)))
    assert found.copies is None
    assert not {"copy", "pooling"} & {*found.table.columns}
    assert "copies" not in found.verdict.as_dict()
    assert "mean of" not in found.headline


@pytest.mark.parametrize(
    ("cut", "lacks"),
    [
        (lambda rows: rows[~((rows["copy"] == 1) & (rows["time"] == 7.0))], "copy 1 has no counts in ZZ at time = 7.0"),
        (lambda rows: rows[~((rows["copy"] == 2) & (rows["basis"] == "cal"))], "copy 2 has no readout calibration"),
    ],
)
def test_copies_of_which_one_lacks_something_are_summed_and_it_is_said(
    cut: Callable[[pd.DataFrame], pd.DataFrame], lacks: str, tmp_path: Path
) -> None:
    path = file_of(tmp_path / "some.csv", copies=3, shots=1000)
    cut(pd.read_csv(path, dtype={"prepared": str})).to_csv(path, index=False)
    record = taken_in(path)
    found = analyse(record)
    assert found.copies is None
    assert lacks in (why_summed(record) or "")
    assert any(lacks in one and one.startswith("counts of all copies are summed") for one in found.warnings)
    assert found.data.shots[0].sum() == 3000 if "calibration" in lacks else True


def asked(p: float, question: Question = Question.BALANCE) -> Check:
    found = Scatter(chi_square=1.0, dof=1, p=p, settings=(1.0, 1), zero=(0.0, 0))
    return Check(question=question, passed=p >= ALARM, finding=found)


def test_the_worst_copy_answers_with_a_trial_factor_of_all() -> None:
    each = [ChecksOfCopy(number=c, checks=(asked(0.5 if c != 2 else 1e-5),)) for c in range(10)]
    (found,) = with_worst_copies([asked(0.3)], each)
    assert (found.passed, found.finding.p) == (False, pytest.approx(2e-4))
    assert found.as_dict()["of"] == "copy 2, the worst of 10"
    # one in a thousand of so many copies, or of two answers, is nothing
    (found,) = with_worst_copies([asked(0.3)], [replace(one, checks=(asked(1.5e-4),)) for one in each])
    assert (found.passed, found.finding.p) == (True, pytest.approx(3e-3))
    (found,) = with_worst_copies([asked(8e-4)], each[:1])
    assert (found.passed, found.finding.p, found.of) == (True, pytest.approx(1.6e-3), "")
    # error bars of a mean have what copies differ by: the shot noise of the sum is none of them
    (found,) = with_worst_copies(
        [asked(1e-9, Question.SCATTER)], [replace(one, checks=(asked(0.2, Question.SCATTER),)) for one in each]
    )
    assert (found.passed, found.finding.p) == (True, 1.0)
    # what copies do not answer is that of the sum
    alone = asked(1e-6, Question.LEAKAGE)
    assert with_worst_copies([alone], each) == (alone,)


def test_errors_of_means_are_not_scaled(four: Analysis) -> None:
    with pytest.raises(RequestError, match="errors of a mean over copies hold"):
        analyse(four.record, scale_errors=True)
