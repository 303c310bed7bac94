"""benchmarks/estimators.py as far as it needs no other tool: what it refuses, what every tool is given, memory."""

from __future__ import annotations

import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from scipy.linalg import expm

from analysis.data import Counts, Expectations
from analysis.tomography import linear_inversion
from protocols.pauli import full, outcome_probabilities, pauli_matrix

pytestmark = pytest.mark.slow  # a tool of ours, and no part of hotward
BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
SHORT = ["--rounds", "1", "--draws", "2", "--shots", "64", "--set", "time=0:1:2", "--fits", "0"]


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"benchmark_{name}", BENCHMARKS / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


estimators = script("estimators")
SHOTS = 1_000_000
OURS = ["hotward", "hotward, linear inversion", "hotward, three quantities"]


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five angles at very many shots."""
    directory = tmp_path_factory.mktemp("sweep")
    estimators.write_sweep(directory, {**estimators.SWEEP, "time": "0:4*pi:5"}, SHOTS, 3)
    return directory


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--rounds", "0"], "rounds"),
        (["--draws", "1"], "draws"),
        (["--shots", "0"], "shots"),
        (["--fits", "-1"], "fits"),
        (["--only", "abacus"], "only"),
        (["--set", "alpha"], "set"),
        (["--set", "alpha=-0.3"], "alpha"),
        (["--set", "beta=1"], "beta"),
    ],
)
def test_a_wrong_request_is_refused_in_one_line_with_status_2(arguments, named, capsys):
    with pytest.raises(SystemExit) as stopped:
        estimators.main(arguments)
    said = capsys.readouterr()
    assert stopped.value.code == 2
    assert said.out == ""
    assert len(said.err.splitlines()) <= 2
    assert f"`{named}`" in said.err
    assert "Traceback" not in said.err


def test_tools_get_the_counts_of_a_partial_swap_of_the_correlated_thermal_pair(sweep):
    with np.load(sweep / "counts.npz") as stored:
        bases, counts, exact = stored["bases"], stored["counts"], stored["exact"]
    assert tuple(bases) == full(2)
    assert (counts.sum(axis=-1) == SHOTS).all()
    excited = 1 / (1 + np.exp([1 / 2, 1 / 1]))
    start = np.kron(*(np.diag([1 - p, p]) for p in excited)).astype(complex)
    start[1, 2] = start[2, 1] = -0.19
    generator = 0.1 * (pauli_matrix("XY") - pauli_matrix("YX")) / 2
    for time, state, rows in zip(np.linspace(0, 4 * np.pi, 5), exact, counts, strict=True):
        swap = expm(-1j * time * generator)
        assert np.allclose(swap @ start @ swap.conj().T, state, atol=1e-12)
        expected = SHOTS * np.array([outcome_probabilities(state, basis) for basis in full(2)])
        # 180 counts in all: 5 standard deviations come up once in 10 000 times
        assert (np.abs(rows - expected) < 5 * np.sqrt(expected)).all()


def test_states_of_hotward_are_those_of_linear_algebra(sweep, tmp_path):
    with np.load(sweep / "counts.npz") as stored:
        bases, counts = stored["bases"], stored["counts"]
    states = script("estimators_kwiat").projected(bases)
    product = np.einsum("ka,kb->kab", states[:, :2], states[:, 2:]).reshape(-1, 4)
    effects = np.einsum("ka,kb->kba", product.conj(), product).reshape(-1, 16)  # Tr(rho E) = rho . E^T
    share = (counts / counts.sum(axis=-1, keepdims=True)).reshape(len(counts), -1)
    solved = np.linalg.lstsq(effects.conj(), share.T, rcond=None)[0].T.reshape(-1, 4, 4)
    hotward = script("estimators_hotward")
    for method, within in (("linear-inversion", 1e-9), ("maximum-likelihood", 2 * np.sqrt(15 / SHOTS))):
        hotward.main(str(sweep), str(tmp_path / "out.json"), "2", "", method)
        result = json.loads((tmp_path / "out.json").read_text())
        found = np.array([result["states"][str(i)] for i in range(len(counts))]) @ [1, 1j]
        assert np.abs(np.linalg.eigvalsh(found - solved)).sum(axis=-1).max() / 2 < within
        assert {"energy", "heat", "mutual_information", "concurrence"} <= set(result["bars"])
        assert "discord" not in result["bars"]
        assert result["seconds"] > 0


def test_analysers_of_the_kwiat_library_have_the_probabilities_of_the_outcomes():
    analysers = script("estimators_kwiat").projected(np.array(full(2)))
    generator = np.random.default_rng(4)
    root = generator.normal(size=(4, 4, 2)) @ [1, 1j]
    rho = root @ root.conj().T / np.trace(root @ root.conj().T).real
    amplitudes = np.einsum("ka,kb->kab", analysers[:, :2], analysers[:, 2:]).reshape(-1, 4)
    seen = np.einsum("ka,ab,kb->k", amplitudes.conj(), rho, amplitudes).real
    assert np.allclose(seen, np.concatenate([outcome_probabilities(rho, basis) for basis in full(2)]))


def test_qiskit_experiments_gets_qubit_b_first_and_rightmost():
    (one,) = script("estimators_qiskit").outcomes(np.array(["XZ"]), np.array([[7, 5, 3, 1]]))
    assert one["counts"] == {"00": 7, "01": 5, "10": 3, "11": 1}  # left A, right B
    assert one["metadata"]["m_idx"] == [0, 1]  # Z of B, X of A


def test_tools_that_cannot_be_installed_are_left_out_in_one_line_each(tmp_path, monkeypatch, capsys):
    broken = tmp_path / "uv"
    broken.write_text("#!/bin/sh\necho 'resolving' >&2\necho 'error: there is no network' >&2\nexit 2\n")
    broken.chmod(0o755)
    monkeypatch.setenv("UV", str(broken))
    estimators.main(SHORT)
    lines = capsys.readouterr().out.splitlines()
    out = [line for line in lines if "left out" in line]
    assert len(out) == 3
    assert all("error: there is no network" in line and "resolving" not in line for line in out)
    rows = [line for line in lines if line.startswith("| ")]
    assert [row.split("|")[1].strip() for row in rows] == ["tool", *OURS]


def test_a_tool_whose_process_fails_does_not_stop_the_others(monkeypatch, capsys):
    real = next(tool for tool in estimators.TOOLS if tool.name == "hotward")
    monkeypatch.setattr(estimators, "TOOLS", (replace(real, name="abacus", method="beads"), real))
    estimators.main(SHORT)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("abacus is left out: its process failed: ")
    assert "beads" in lines[0]
    assert any(line.startswith("| hotward |") for line in lines)


def some_counts(cells: int, calibration: int) -> Counts:
    generator = np.random.default_rng(8)
    read = generator.multinomial(calibration, np.full((4, 4), 0.02) + 0.92 * np.eye(4))
    return Counts(
        bases=full(2),
        observed=generator.multinomial(200, generator.dirichlet(np.ones(4), size=(cells, 2, 9))),
        weight=np.tile([0.7, 0.3], (cells, 1)),
        calibration=read,
    )


@pytest.mark.parametrize("calibration", [0, 5000])
def test_linear_inversion_in_slabs_is_that_of_one_draw_or_cell_at_a_time(calibration, monkeypatch):
    monkeypatch.setattr("analysis.tomography.estimators.FITS_PER_SLAB", 7)
    drawn = some_counts(3, calibration).draw(1, range(20))
    alone = [
        linear_inversion(
            replace(
                drawn,
                read=drawn.read[i],
                strata=drawn.strata[i],
                confusion=drawn.confusion[i] if calibration else drawn.confusion,
            )
        )
        for i in range(20)
    ]
    assert np.array_equal(linear_inversion(drawn), alone)
    measured = some_counts(20, calibration).frequencies
    whole = linear_inversion(measured)
    monkeypatch.setattr("analysis.tomography.estimators.FITS_PER_SLAB", 1000)
    assert np.array_equal(whole, linear_inversion(measured))


def test_linear_inversion_of_expectation_values_in_slabs_is_that_of_all(monkeypatch):
    words = ("ZI", "IZ", "XX", "YY", "XY", "YX", "ZZ")
    value = np.random.default_rng(2).uniform(-0.5, 0.5, size=(5, 11, len(words)))
    for values in (value, value[0]):
        data = Expectations(words=words, value=values, stderr=np.full((11, len(words)), 0.01))
        whole = linear_inversion(data)
        monkeypatch.setattr("analysis.tomography.estimators.FITS_PER_SLAB", 4)
        assert np.array_equal(whole, linear_inversion(data))
        monkeypatch.undo()


def test_many_linear_inversions_hold_little_beside_their_data_and_their_states():
    fits = 100_000
    words = estimators.memory(fits).split()
    number, peak, before = (float(words[i]) for i in (0, 6, 11))
    assert number == pytest.approx(fits, abs=22)
    states = fits * 16 * 16 / 2**20
    # all intermediate arrays of all fits together would be five times the states
    assert peak - before < 1.5 * states + 20
