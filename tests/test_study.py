"""`hotward study`: the numbers of real runs, the same for any workers, kept and gone on with; and what they say."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from local_cluster import kill_once
from scipy.stats import binom

from analysis import analyse
from devices import execute
from hotward.compilation import compile_request, requested_experiment
from hotward.requests import StudyRequest
from hotward.study import SUMMARIES, Simulated, carry_out_study, draw, opened_study
from hotward.study.simulated import seed_of
from hotward.study.summaries import clopper_pearson
from hotward.terminal import Silent
from protocols import RequestError
from workers import opened

SMALL = {"device": "exact", "values": ["time=0:7:2"], "shots": 90, "draws": 10, "quantities": "heat,mutual_information"}


def request(**words: object) -> StudyRequest:
    return StudyRequest(**{"study": "coverage", "protocol": "heat-exchange", "repeats": 12, **SMALL, **words})


def made(place: Path, workers: object = 1, **words: object) -> Simulated:
    asked = request(**words)
    with opened(workers) as team:
        return carry_out_study(opened_study(asked, 5, place, "hotward study"), team, lambda *_: None)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    made(folder)
    return folder


def invented(values: np.ndarray, half: float, stderr: float = 1.0) -> Simulated:
    """Runs of one quantity at some points, with truth 0."""
    runs, points = values.shape
    return Simulated(
        rows=tuple(("energy", "A", "main", k) for k in range(points)),
        places={"time": np.arange(points, dtype=float)},
        truth=np.zeros((runs, points)),
        value=values,
        stderr=np.full((runs, points), stderr),
        low=values - half,
        high=values + half,
        verdicts=tuple(
            ({"where": "", "kind": "reversed", "hot": "A", "heat": 0.1, "stderr": 0.1, "at": 1.0, "sigma": float(k)},)
            for k in range(runs)
        ),
    )


def test_a_simulated_run_has_the_numbers_of_a_run(place, tmp_path):
    """The same seed through a run directory by the functions that `hotward run` calls."""
    asked = request().of_run(seed_of(5, 11), str(tmp_path))
    compiled = compile_request(asked, requested_experiment(asked), asked.hardware(), Silent())
    about = {"draws": 10, "quantities": ["heat", "mutual_information"]}
    found = analyse(execute(compiled.program, compiled.device, runs=tmp_path, seed=asked.seed, about=about))
    kept = made(place)
    for column, (observable, subject, _, point) in enumerate(kept.rows):
        one = found.estimates.quantities[observable, subject]
        for name in ("value", "stderr", "low", "high"):
            assert np.array_equal(getattr(kept, name)[11, column], getattr(one, name)[0, point], equal_nan=True)
        assert kept.truth[11, column] == one.ideal[0, point]
    assert kept.verdicts[11][0]["sigma"] == found.verdict.sigma
    assert {name for name, *_ in kept.rows} == {"heat", "mutual_information"}


def test_runs_that_are_there_are_not_simulated_again_and_more_are_added(place):
    first = place / "parts/000000.npz"
    before = first.stat().st_mtime_ns
    assert len(made(place, repeats=14)) == 14
    assert len(made(place, repeats=12)) == 12
    assert first.stat().st_mtime_ns == before
    assert np.array_equal(made(place, repeats=14).value[:12], made(place).value)


def test_a_part_that_is_removed_comes_back_as_the_same_bytes(place):
    part = place / "parts/000000.npz"
    content = part.read_bytes()
    part.unlink()
    made(place)
    assert part.read_bytes() == content


def test_another_study_is_refused_and_a_damaged_part_is_named(place, tmp_path):
    with pytest.raises(RequestError, match="shots = 90 where 91"):
        made(place, shots=91)
    with pytest.raises(RequestError, match="`seed` must be 5"):
        made(place, seed=6)
    copied = tmp_path / "copied"
    (copied / "parts").mkdir(parents=True)
    (copied / "study.json").write_text((place / "study.json").read_text())
    (copied / "parts/000000.npz").write_bytes((place / "parts/000000.npz").read_bytes()[:-99])
    with pytest.raises(RequestError, match=r"000000\.npz cannot be read as a part"):
        made(copied)
    (copied / "parts/000000.npz").write_bytes((place / "parts/000010.npz").read_bytes())
    with pytest.raises(RequestError, match=r"000000\.npz cannot be read as a part of this one"):
        made(copied)
    (copied / "study.json").write_text("{")
    with pytest.raises(RequestError, match=r"study\.json cannot be read"):
        made(copied)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--repeats", "0"], "`repeats` must be 1 or more, but is 0"),
        (["--device", "ibm:ibm_fez"], "`device` must be simulated"),
        (["--quantities", "entropie"], "Did you mean entropy"),
        (["--mitigation", "both"], "`mitigation` must be none in a study"),
        (["--workers", "0"], "`workers` must be a number"),
    ],
)
def test_what_cannot_be_studied_is_refused_before_a_directory_is_made(words, said, tmp_path, capsys, monkeypatch):
    from hotward.cli import main

    place = tmp_path / "study"
    monkeypatch.setattr(sys, "argv", ["hotward", "study", "pulls", "heat-exchange", "--out", str(place), *words])
    with pytest.raises(SystemExit) as status:
        main()
    assert status.value.code == 2
    assert said in capsys.readouterr().err
    assert not place.exists()


def test_a_part_with_wrong_bits_is_refused_or_read_as_it_was(place, tmp_path):
    content = (place / "parts/000000.npz").read_bytes()
    draw = np.random.default_rng(4)
    (tmp_path / "parts").mkdir()
    (tmp_path / "study.json").write_text((place / "study.json").read_text())
    for name in ("000000.npz", "000010.npz"):
        (tmp_path / "parts" / name).write_bytes((place / "parts" / name).read_bytes())
    whole = made(tmp_path)
    for _ in range(150):
        wrong = bytearray(content)
        wrong[draw.integers(len(wrong))] ^= 1 << draw.integers(8)
        (tmp_path / "parts/000000.npz").write_bytes(wrong)
        try:
            found = made(tmp_path)
        except RequestError:
            continue
        assert np.array_equal(found.value, whole.value, equal_nan=True)


def test_intervals_that_are_too_narrow_are_found_and_right_ones_are_not():
    """Normal values of error 1; 60 rows of 400 runs. One false alarm in a hundred such studies, by seed 1 none."""
    values = np.random.default_rng(1).normal(size=(400, 60))
    right = SUMMARIES["coverage"](invented(values, 1.96))
    assert not right.table["too_seldom"].any()
    assert right.sentences[1].endswith("one that held it in 362 of 400 runs would be named.")
    assert binom.cdf(362, 400, 0.95) < 0.01 / 60 < binom.cdf(363, 400, 0.95)
    narrow = SUMMARIES["coverage"](invented(values, 1.4))
    assert narrow.table["too_seldom"].all()
    assert "60 of 60 rows" in narrow.sentences[1]
    assert (narrow.table["held"] == (np.abs(values) <= 1.4).sum(axis=0)).all()
    assert narrow.table["truth_below"].sum() == (values > 1.4).sum()


def test_pulls_of_a_shifted_value_are_found_and_right_ones_are_not():
    values = np.random.default_rng(2).normal(size=(400, 30))
    right = SUMMARIES["pulls"](invented(values, 1.96))
    assert not right.table["shifted"].any()
    assert right.table["variance"].mean() == pytest.approx(1, abs=5 * np.sqrt(2 / 400 / 30))  # 5 sigma
    values[:, 3] += 0.4
    found = SUMMARIES["pulls"](invented(values, 1.96)).table
    assert found.index[found["shifted"]].tolist() == [3]
    # of normal numbers the variance has the error sqrt(2/(n-1))
    assert found["variance_stderr"].median() == pytest.approx(np.sqrt(2 / 399), rel=0.1)


def test_an_interval_of_two_arms_holds_what_is_outside_of_its_ends():
    values = np.zeros((1, 2))
    one = invented(values, 1.0)
    found = Simulated(**{**one.__dict__, "low": np.array([[2.0, -1.0]]), "high": np.array([[1.0, -2.0]])})
    assert SUMMARIES["coverage"](found).table["held"].tolist() == [1, 1]
    between = Simulated(**{**one.__dict__, "low": np.array([[1.0, 1.0]]), "high": np.array([[-1.0, -1.0]])})
    assert SUMMARIES["coverage"](between).table["held"].tolist() == [0, 0]


def test_power_counts_verdicts_and_their_significance():
    found = SUMMARIES["power"](invented(np.zeros((11, 1)), 1.0))
    (row,) = found.table.to_dict("records")
    assert (row["verdict"], row["runs"], row["above_3_sigma"], row["above_5_sigma"]) == ("reversed", 11, 7, 5)
    assert row["sigma_50"] == 5
    assert found.sentences[0] == "the verdict is 'reversed' in 11 of 11 (0.715 to 1.000) runs."


def test_the_interval_of_a_probability_is_that_of_the_binomial_law():
    low, high = (end[0] for end in clopper_pearson(np.array([37]), np.array([90])))
    assert binom.sf(36, 90, low) == pytest.approx(0.025)
    assert binom.cdf(37, 90, high) == pytest.approx(0.025)


@pytest.mark.parametrize("study", list(SUMMARIES))
def test_every_study_has_a_figure(study):
    assert draw(study, SUMMARIES[study](invented(np.random.default_rng(3).normal(size=(25, 4)), 1.0))).axes


@pytest.mark.slow
def test_the_command_gives_the_same_table_for_any_workers(tmp_path):
    words = ["coverage", "heat-exchange", "--device", "exact", "--set", "time=0:7:2", "--shots", "200", "--draws", "20"]
    words += ["--repeats", "20", "--seed", "3", "--quantities", "heat,concurrence"]
    tables = []
    for workers in ("1", "2"):
        out = tmp_path / workers
        command = [sys.executable, "-m", "hotward", "study", *words, "--out", str(out), "--workers", workers]
        said = subprocess.run(command, capture_output=True, text=True, check=True)
        assert said.stdout.splitlines()[-1] == str(out)
        tables.append((out / "coverage.csv").read_bytes())
    with ThreadPoolExecutor(2) as own:
        asked = request(shots=200, draws=20, repeats=20, quantities="heat,concurrence", values=["time=0:7:2"])
        with opened(own) as team:
            found = carry_out_study(opened_study(asked, 3, tmp_path / "own", ""), team, lambda *_: None)
    table = SUMMARIES["coverage"](found).table
    assert tables[0] == tables[1] == table.to_csv(index=False, lineterminator="\n").encode()
    assert pd.read_csv(tmp_path / "1/coverage.csv")["runs"].eq(20).all()


@pytest.mark.slow
def test_a_killed_study_goes_on_and_says_the_same(tmp_path):
    words = ["pulls", "heat-exchange", "--device", "exact", "--set", "time=0:7:2", "--shots", "200", "--draws", "20"]
    words += ["--repeats", "60", "--seed", "3", "--quantities", "heat"]
    command = [sys.executable, "-m", "hotward", "study", *words, "--out"]
    subprocess.run([*command, str(tmp_path / "whole")], capture_output=True, check=True)
    parts = tmp_path / "killed/parts"
    kill_once(lambda: any(parts.glob("0*.npz")), [*command, str(tmp_path / "killed"), "--workers", "2"])
    there = {path: path.stat().st_mtime_ns for path in parts.glob("0*.npz")}
    assert 0 < len(there) < 6
    subprocess.run([*command, str(tmp_path / "killed")], capture_output=True, check=True)
    assert all(path.stat().st_mtime_ns == written for path, written in there.items())
    assert (tmp_path / "killed/pulls.csv").read_bytes() == (tmp_path / "whole/pulls.csv").read_bytes()
