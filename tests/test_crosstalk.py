"""Do checks of several copies see that these talk, and only then: exact laws, planted couplings, error rates."""

from __future__ import annotations

import functools
import io
import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from crosstalk_chip import Chip, program_of
from fake_ibm import LocalPlatform

import devices
from analysis import analyse
from analysis.checks.crosstalk import outlying_copy
from analysis.checks.crosstalk.alone import alone_or_together
from analysis.checks.crosstalk.every import neighbouring
from analysis.checks.crosstalk.independence import independence
from analysis.checks.crosstalk.neighbours import readout_beside_neighbours
from analysis.checks.crosstalk.rotation import rotation
from analysis.checks.crosstalk.waiting import waiting_copies
from analysis.verdict import (
    AloneOrTogether,
    Check,
    Independence,
    OutlyingCopy,
    Question,
    ReadBesideOthers,
    Rotation,
    WaitingCopies,
)
from devices import HardwareOptions, RunRecord
from devices.chip.crosstalk import WithinShots, alone_in_turns
from devices.imports import import_file
from devices.remote import jobs_by_pass
from protocols import Array, RequestError, load

FLAGGED, FALSE = 0.95, 0.05
"""Of runs in which copies talk at least, and of others at most: what the issue asks for."""


# ---- sums within a shot ----


def test_cumulants_of_covariances_are_those_of_all_permutations() -> None:
    """Two copies of two bits, seven shots: every order of the second copy's shots, by enumeration."""
    first = np.array([[1, 0], [0, 1], [0, 1], [1, 1], [0, 0], [0, 1], [1, 0]], dtype=np.uint8)
    second = np.array([[1, 1], [1, 0], [0, 0], [0, 1], [0, 0], [0, 1], [1, 0]], dtype=np.uint8)
    x = first - first.mean(axis=0)
    orders = [list(order) for order in itertools.permutations(range(7))]
    y = (second - second.mean(axis=0))[orders]
    C = np.einsum("si,osj->oij", x, y)
    sums = WithinShots.none(2, 2).with_rows(np.hstack([first, second])[None], np.arange(4))
    np.testing.assert_allclose(sums.covariance[0, :2, 2:], x.T @ y[0], atol=1e-12)
    np.testing.assert_allclose(C.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(sums.variance[0, :2, 2:], (C**2).mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(sums.third[0, :2, 2:], (C**3).mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(sums.fourth[0, :2, 2:], (C**4).mean(axis=0) - 3 * (C**2).mean(axis=0) ** 2, atol=1e-12)
    joint = sums.joint[0].reshape(2, 2, 2, 2, 2, 2)[0, :, :, 1]  # i, k, j, l
    np.testing.assert_allclose(joint, np.einsum("oij,okl->ikjl", C, C) / len(C), atol=1e-12)


def test_sums_add_row_by_row_and_never_over_rows() -> None:
    """Two rows with opposite means have no covariance, though all their shots together have a large one."""
    generator = np.random.default_rng(3)
    bits = (generator.random((2, 400, 4)) < np.array([0.1, 0.9])[:, None, None]).astype(np.uint8)
    whole = WithinShots.none(2, 2).with_rows(bits, np.arange(4))
    parts = [WithinShots.none(2, 2).with_rows(bits[i : i + 1], np.arange(4)) for i in (0, 1)]
    for name, value in (parts[0] + parts[1]).arrays().items():
        np.testing.assert_allclose(value, whole.arrays()[name], atol=1e-9)
    z = whole.covariance[0, :2, 2:] / np.sqrt(whole.variance[0, :2, 2:])
    assert np.abs(z).max() < 4
    flat = bits.reshape(1, -1, 4)
    pooled = WithinShots.none(2, 2).with_rows(flat, np.arange(4))
    assert (pooled.covariance[0, :2, 2:] / np.sqrt(pooled.variance[0, :2, 2:])).min() > 10


def test_calibration_is_summed_by_what_was_misread() -> None:
    """Rows of opposite patterns in which facing bits are misread together add up, whatever was prepared."""
    wrong = np.zeros((2, 500, 4), dtype=np.uint8)
    wrong[:, :20, 1:3] = 1
    prepared = np.array([[0, 0, 0, 0], [0, 1, 0, 1]])
    sums = WithinShots.none(2, 2).with_calibration(
        wrong ^ prepared[:, None].astype(np.uint8), np.arange(4), prepared, np.array([0, 1])
    )
    np.testing.assert_allclose(sums.covariance[1, 1, 2], 2 * 500 * 0.04 * 0.96)
    assert sums.ones.tolist() == [[0, 20, 20, 0], [0, 480, 20, 500]]
    assert sums.round.tolist() == [0, 1]
    assert sums.executed.tolist() == [500, 500]


LINE = np.eye(5, k=1, dtype=bool) | np.eye(5, k=-1, dtype=bool)
"""Which of five copies are neighbours."""


def within(generator: np.random.Generator, *, facing: float = 0.0, common: float = 0.0) -> Check:
    """Five copies of two bits that are mostly opposite, as an exchange makes them, in 30 rows of 400 shots.

    Args:
        generator: Of everything.
        facing: How often the facing bits of copies 1 and 2 are both read as 1, whatever they are.
        common: How often all bits of the chip are.
    """
    one = generator.random((30, 400, 5)) < generator.uniform(0.2, 0.8, (30, 1, 5))
    other = ~one ^ (generator.random(one.shape) < 0.1)
    bits = np.stack([one, other], axis=-1).reshape(30, 400, 10)
    bits[..., 3:5] |= (generator.random((30, 400)) < facing)[..., None]
    bits |= (generator.random((30, 400)) < common)[..., None]
    sums = WithinShots.none(5, 2).with_rows(bits.astype(np.uint8), np.arange(10))
    return independence(sums.arrays(), LINE, ("A", "B"))


def test_neighbours_that_go_together_are_told_from_a_chip_that_does() -> None:
    """Bits of a copy exclude each other; of 40 runs of copies that do not talk at most one is flagged, 0.2 are due."""
    generator = np.random.default_rng(13)
    assert sum(within(generator).passed is False for _ in range(40)) <= 1
    near, all_of_them = within(generator, facing=0.1), within(generator, common=0.1)
    assert near.passed is False
    assert near.text.startswith("bits of neighbouring copies go together within a shot: crosstalk")
    assert "B of copy 1 with A of copy 2" in near.text
    assert near.about == "bars"
    assert all_of_them.passed is False
    assert "of distant ones too: something common to the chip" in all_of_them.text


# ---- passes alone ----


@pytest.mark.parametrize("passes", [1, 2, 3, 5])
def test_neighbours_never_run_together_in_a_pass_alone(passes: int) -> None:
    generator = np.random.default_rng(passes)
    pairs = [list(pair) for pair in itertools.combinations(range(12), 2) if generator.random() < 0.2]
    turns = alone_in_turns(12, pairs, passes)
    assert 1 <= len(turns) <= passes
    assert all(not {*pair} <= {*turn} for pair in pairs for turn in turns)
    run = [copy for turn in turns for copy in turn]
    assert len(run) == len({*run}) < 12 or len(turns) > 1


def test_passes_alone_stand_between_the_others_and_are_told_apart() -> None:
    program = program_of(shots=128, calibration=32, alone=2, passes=4, row=4)
    jobs = jobs_by_pass(program, 1, range(4), [[0, 2], [1, 3]])
    order = [
        sorted({(slot.pass_, slot.copy) for slot in job.slots if not program.blocks[slot.block].prepared})
        for job in jobs
    ]
    passes = [{pass_ for pass_, _ in job} for job in order]
    assert passes == [{0}, {4}, {1}, {2}, {5}, {3}]
    assert [copy for _, copy in order[1]] == [0, 2]
    assert [copy for _, copy in order[4]] == [1, 3]
    calibrations = [any(program.blocks[slot.block].prepared for slot in job.slots) for job in jobs]
    assert calibrations == [True, False, False, False, False, True]


def test_alone_needs_several_copies() -> None:
    with pytest.raises(RequestError, match=r"Argument `alone` .* is 2 with 1 copy. Try --copies all"):
        HardwareOptions(alone=2)
    assert HardwareOptions.of(HardwareOptions(copies=3, alone=2).words()) == HardwareOptions(copies=3, alone=2)


# ---- one bad copy ----


def drawn(generator: np.random.Generator, copies: int, bad: float) -> tuple[Array, Array]:
    """Heats as those of the couplers of fake_fez: errors 0.0041, spread 0.0019; the first is off by `bad`."""
    stderr = 0.0041 * generator.uniform(0.8, 1.2, copies)
    value = 0.262 + 0.0019 * generator.normal(size=copies) + stderr * generator.normal(size=copies)
    value[0] += bad
    return value, stderr


def test_the_residual_is_that_of_all_others_pooled() -> None:
    """Against DerSimonian and Laird's formulas, written out for one copy left out."""
    y, s = drawn(np.random.default_rng(5), 9, 0.06)
    found = outlying_copy("heat", y, s).finding
    assert isinstance(found, OutlyingCopy)
    assert found.copy == 0
    y0, others, v = y[0], y[1:], s[1:] ** 2
    fixed = np.average(others, weights=1 / v)
    Q = float(((others - fixed) ** 2 / v).sum())
    tau2 = max(0.0, (Q - 7) / ((1 / v).sum() - (1 / v**2).sum() / (1 / v).sum()))
    w = 1 / (v + tau2)
    mean = np.average(others, weights=w)
    scale = max(1.0, float((w * (others - mean) ** 2).sum()) / 7)
    assert found.Q_without == pytest.approx(Q)
    assert found.others == pytest.approx(mean)
    assert found.residual == pytest.approx((y0 - mean) / np.sqrt(scale * (s[0] ** 2 + tau2 + 1 / w.sum())))


def test_one_bad_copy_is_seen_and_couplers_that_differ_are_not_bad() -> None:
    """600 runs of 10 copies: at most 1 % flagged, of which 0.5 % are due; 200 with one off by 0.04: all but 5 %."""
    generator = np.random.default_rng(7)
    false = [outlying_copy("heat", *drawn(generator, 10, 0.0)).passed is False for _ in range(600)]
    assert np.mean(false) <= 0.01
    seen = [outlying_copy("heat", *drawn(generator, 10, 0.04)).finding for _ in range(200)]
    right = [isinstance(one, OutlyingCopy) and one.out == (0,) for one in seen]
    assert np.mean(right) >= FLAGGED


# ---- a chip that talks ----

PROGRAM = {"shots": 4096, "calibration": 4096, "row": 256}
"""Of a setting and point of each copy, and of each pattern; three copies in a line."""
INJECTED = {
    "nothing": (0.0, {}, None),
    "gates": (0.2, {}, AloneOrTogether),
    "readout of a neighbour's bit": (0.0, {"readout": 0.02}, ReadBesideOthers),
    "misread together": (0.0, {"together": 0.003}, Independence),
}


@functools.cache
def chip_of(zz: float) -> Chip:
    """Three copies in a line; what is simulated of them serves all runs."""
    return Chip(program=program_of(**PROGRAM), copies=3, zz=zz)


def checked(record: RunRecord) -> dict[Question, Check]:
    """The checks of crosstalk of one run, without the analysis of anything else."""
    near = neighbouring(record)
    shared = record.within_shots, near, record.bit_columns
    made = (alone_or_together(record), independence(*shared), readout_beside_neighbours(*shared), rotation(record))
    return {check.question: check for check in made}


@pytest.mark.slow
@pytest.mark.parametrize("what", INJECTED)
def test_crosstalk_is_flagged_where_it_is_and_not_where_it_is_not(what: str) -> None:
    """Of 40 runs without it at most two are flagged, where 1.5 % are due; of 20 with it all but one at least.

    Sizes: 0.2 rad of ZZ after each gate of two qubits, 2 % more misreads beside a 1, 0.3 % of pairs misread at once.
    """
    zz, injected, kind = INJECTED[what]
    runs = 20 if kind else 40
    flagged, by_kind = 0, 0
    for seed in range(runs):
        found = checked(chip_of(zz).measured(seed, **injected)).values()
        failed = [check.finding for check in found if check.passed is False]
        assert all(check.passed is not None for check in found)
        flagged += bool(failed)
        by_kind += any(isinstance(one, kind) for one in failed) if kind else 0
    if kind is None:
        assert flagged <= FALSE * runs
    else:
        assert flagged >= FLAGGED * runs
        assert by_kind >= FLAGGED * runs


@pytest.mark.slow
def test_an_analysis_says_that_copies_talk_and_never_pools_those_alone(tmp_path: Path) -> None:
    """All six checks stand in the analysis with their sentences; rows alone are in counts.csv, and in no number."""
    chip = Chip(program=program_of(shots=1024, calibration=512, row=64), copies=4, zz=0.3)
    record = chip.measured(1)
    found = analyse(record)
    by_name = {check.question: check for check in found.checks}
    assert {Question.ALONE, Question.INDEPENDENCE, Question.BESIDE, Question.ROTATION, Question.OUTLIER} <= {*by_name}
    alone = by_name[Question.ALONE]
    assert alone.passed is False
    assert alone.about == "exchange"
    assert "alone less together" in alone.text
    assert any("copies alone and together" in warning for warning in found.warnings)
    assert by_name[Question.ROTATION].passed is True
    rows = record.alone()
    assert rows is not None
    assert {*rows["copy"]} == {0, 1, 2, 3}
    assert not {*rows["pass"]} & {*record.counts()["pass"]}
    # imported they are told apart again, byte for byte
    file = tmp_path / "counts.csv"
    file.write_bytes(record.contents["counts.csv"])
    imported = import_file(file, protocol=load("heat-exchange"), runs=tmp_path / "runs")
    assert (imported.path / "counts.csv").read_bytes() == file.read_bytes()
    pd.testing.assert_frame_equal(imported.alone(), rows)
    # without their rows and their column the run is the same run
    text = pd.read_csv(io.BytesIO(record.contents["counts.csv"]), dtype=str, keep_default_na=False)
    kept = text[text["alone"] == "0"].drop(columns="alone").to_csv(index=False, lineterminator="\n").encode()
    without = analyse(replace(record, contents={**record.contents, "counts.csv": kept}))
    pd.testing.assert_frame_equal(found.table, without.table)


# ---- hardware ----


@pytest.mark.slow
def test_passes_alone_and_sums_within_shots_go_the_way_of_a_run(platform: LocalPlatform, tmp_path: Path) -> None:
    """Four pairs of fez that are neighbours, without noise: a sealed run whose checks are all put, and pass."""
    program = program_of(shots=128, calibration=64, alone=2, passes=2, row=16)
    asked = HardwareOptions(copies=4, alone=2, passes=2, qubits=(3, 2, 5, 6, 8, 9, 11, 12))
    device = devices.open_device("ibm:ibm_fez", asked)
    prepared = devices.prepare_run(program, device, runs=tmp_path / "runs", seed=1)
    record = devices.collect(prepared.run, seconds=120.0, prepared=prepared)
    assert "within_shots.npz" in record.stop["sha256"]
    assert record.start["alone"] == 2
    assert record.start["device"]["copies"]["neighbours"]
    counts, alone = record.counts(), record.alone()
    assert alone is not None
    assert {*alone["copy"]} == {0, 1, 2, 3}
    together = counts[counts["basis"] != "cal"].groupby("copy")["count"].sum()
    assert together.nunique() == 1
    share = alone.groupby("copy")["count"].sum() / together
    assert share.between(0.4, 0.6).all(), "a pass alone is one of two passes, in whole repeats"
    assert int(record.within_shots["shots"][0]) == int(together.iloc[0])
    assert int(record.within_shots["shots"][1]) == 4 * 64
    found = checked(record)
    assert found.pop(Question.BESIDE).text.startswith("no bit was misread")
    assert [check.passed for check in found.values()] == [True] * 3


# ---- copies that finish early ----


def waited(generator: np.random.Generator, rate: float, *, copies: int = 10, shots: int = 20_000) -> RunRecord:
    """Counts of |11> on copies of different gates and readout; ln S falls by `rate` a microsecond of waiting."""
    durations = generator.uniform(1e-6, 4e-6, copies)
    wait = 1e6 * (durations.max() - durations)
    read, gates = generator.uniform(0.94, 0.98, copies), generator.uniform(0.97, 0.98, copies)
    rows = []
    for copy in range(copies):
        left = gates[copy] * np.exp(-rate * wait[copy])
        kinds = (("0.0", "point", "3", "ZZ", "", left), ("", "calibration", "0", "cal", "11", 1.0))
        for time, role, member, basis, prepared, survival in kinds:
            both = generator.binomial(shots, read[copy] * survival)
            shared = f"{time},main,{copy},0,{role},{member},0.2,{basis},{prepared}"
            rows += [f"{shared},1,1,{both}", f"{shared},1,0,{shots - both}"]
    text = "time,arm,copy,pass,role,member,weight,basis,prepared,A,B,count\n" + "\n".join(rows) + "\n"
    points = {"parameters": {"time": [0.0]}, "options": {}, "reference": [0], "added": [False]}
    device = {"copies": {"durations": durations.tolist()}}
    start = {"protocol": "heat-exchange", "qubits": ["A", "B"], "arms": ["main"], "points": points, "device": device}
    return RunRecord(Path("simulated"), start, {}, {"counts.csv": text.encode()})


def test_relaxation_while_copies_wait_is_seen() -> None:
    """T_1 of 50 us on both wires, waits up to 3 us: seen in 10 of 10 runs; at most 1 of 30 without it is flagged."""
    generator = np.random.default_rng(11)
    seen = [waiting_copies(waited(generator, 2 / 50)) for _ in range(10)]
    assert all(check.passed is False for check in seen)
    slopes = [check.finding.slope for check in seen if isinstance(check.finding, WaitingCopies)]
    assert np.mean(slopes) == pytest.approx(-2 / 50, rel=0.1)
    assert sum(waiting_copies(waited(generator, 0.0)).passed is False for _ in range(30)) <= 1


def test_an_arm_on_better_copies_is_seen() -> None:
    """Three of four shots of an arm on one half of the copies."""
    rows = [
        f"0.0,{arm},{copy},0,point,0,1.0,ZZ,,0,0,{300 if (arm == 'main') == (copy < 2) else 100}"
        for arm in ("main", "none")
        for copy in range(4)
    ]
    text = "time,arm,copy,pass,role,member,weight,basis,prepared,A,B,count\n" + "\n".join(rows) + "\n"
    points = {"parameters": {"time": [0.0]}, "options": {}, "reference": [0], "added": [False]}
    places = [{"copy": copy, "score": 0.99 if copy < 2 else 0.95} for copy in range(4)]
    start = {"arms": ["main", "none"], "points": points, "device": {"placements": places}}
    check = rotation(RunRecord(Path("simulated"), start, {}, {"counts.csv": text.encode()}))
    assert check.passed is False
    assert isinstance(check.finding, Rotation)
    assert check.finding.share == pytest.approx(0.25)
    assert check.finding.apart == pytest.approx(0.5 * 0.04)
