"""cooling-floor: the closed form, the floor and the null test."""

from pathlib import Path

import numpy as np
import pytest
from conftest import Call, examples, slow
from hypothesis import given
from hypothesis import strategies as st
from predictions import exact
from scipy.linalg import expm

from analysis import analyse
from devices import execute, open_device
from protocols import compile
from protocols.cooling_floor import CoolingFloor
from protocols.pauli import pauli_matrix


@given(st.floats(-2, 2), st.floats(-2, 2), st.floats(0, 1), st.integers(0, 6))
@examples(40)
def test_populations_are_the_closed_form_and_the_matrix_exponential(phi, psi, initial, n):
    cool, heat = np.sin(phi) ** 2, np.sin(psi) ** 2
    p, q = initial, initial
    XX, YY = pauli_matrix("XX"), pauli_matrix("YY")
    U = expm(-1j * phi / 2 * (XX + YY)) @ expm(-1j * psi / 2 * (XX - YY))
    for _ in range(n):
        p = p * (1 - cool) + (1 - p) * heat
        joint = U @ np.kron(np.diag([1 - q, q]), np.diag([1, 0])) @ U.conj().T
        q = np.trace(joint.reshape(2, 2, 2, 2), axis1=1, axis2=3)[1, 1].real
    found = exact(CoolingFloor(angle=phi, pair_angle=psi, initial=initial, collisions=n), "population", "target")[0]
    assert found == pytest.approx(p, abs=1e-12)
    assert found == pytest.approx(q, abs=1e-12)


@pytest.mark.parametrize(("psi", "floor"), [(0.05, 0.010751), (0.1, 0.041560), (0.25, 0.210298), (0.5, 0.5)])
def test_the_floor(psi, floor):
    experiment = CoolingFloor(pair_angle=psi, collisions=200)
    assert exact(experiment, "population", "target")[0] == pytest.approx(floor, abs=1e-6)
    assert exact(experiment, "population_limit", "target")[0] == pytest.approx(floor, abs=1e-6)


def test_five_collisions_from_0_4():
    assert exact(CoolingFloor(collisions=5), "population", "target")[0] == pytest.approx(0.132554, abs=1e-6)


def test_equal_angles_are_one_rotation_about_xx_and_cannot_cool():
    U = expm(-0.5j * pauli_matrix("XX"))
    experiment = CoolingFloor(pair_angle=0.5, collisions=1)
    values = experiment.values(experiment.points({}, "nominal"), "main")
    np.testing.assert_allclose(experiment.collision(1, "main", {})[1].matrix(values)[0], U, atol=1e-12)
    assert exact(
        CoolingFloor(pair_angle=0.5, initial=0.5, collisions=[0, 1, 7]), "population", "target"
    ) == pytest.approx([0.5] * 3)


def test_sampled_runs_agree_with_the_exact_values(tmp_path):
    """Populations of six points within 5 standard errors; false alarm below 1e-5."""
    experiment = CoolingFloor()
    record = execute(compile(experiment, shots=8000), open_device("exact"), runs=tmp_path, seed=2)
    analysis = analyse(record)
    rows = analysis.table[analysis.table["observable"] == "population"]
    assert len(rows) == 6
    assert (np.abs(rows["value"] - rows["ideal"]) / rows["stderr"]).max() < 5
    assert "pairs heat" in analysis.headline


@pytest.mark.parametrize(
    ("words", "note"),
    [
        (("cooling-floor", "--set", "collisions=1"), "ancillas start in their ground state, as the device prepares"),
        slow(("thermophoresis", "--set", "rounds=1"), "ancillas are prepared with the temperature that was asked for"),
        slow(("quantum-battery", "--set", "time=1"), ""),
        (("maxwell-demon", "--feedback", "measured"), ""),
    ],
)
def test_a_run_says_of_ancillas_what_is_so(call: Call, tmp_path: Path, words: tuple[str, ...], note: str):
    said = call("run", *words, "--device", "exact", "--shots", 50, "--draws", 20, "--runs", tmp_path, "--seed", 1)
    assert said.status == 0, said.err
    notes = [line for line in (said.out + said.err).splitlines() if line.startswith("note: ancillas")]
    assert len(notes) == bool(note)
    assert all(line.startswith(f"note: {note}") for line in notes)
    report = (said.run / "derived" / "report.html").read_text()
    assert ("Bath temperatures are synthetic" in report) == ("temperature" in note)
