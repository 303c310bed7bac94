"""What adversarial use found: shots at the edges of what a plan compares, states without an inverse."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import Call

from analysis.intervals.credible import posterior_quantiles
from analysis.tomography.maximum import _positive
from protocols.pauli.words import pauli_matrix


@pytest.mark.parametrize(("shots", "left_out"), [(10, "full"), (10**9, "ZZ")])
def test_a_plan_compares_only_sets_that_its_total_can_be_divided_over(call: Call, tmp_path, shots, left_out):
    # 10 shots of ZZ alone are 1 in each of 9 settings, fewer than members; 10^9 in each of 3 are 3 10^9 in ZZ alone
    bases = "ZZ" if left_out == "full" else "minimal"
    said = call(
        *("plan", "heat-exchange", "--device", "exact", "--set", "time=7", "--bases", bases),
        *("--shots", shots, "--out", tmp_path / "plan"),
    )
    assert said.status == 0, said.complaint
    compared = {row["bases"] for row in json.loads((tmp_path / "plan" / "plan.json").read_text())["settings"]}
    assert bases in compared
    assert left_out not in compared


def test_positivity_of_matrices_with_vanishing_pivots_is_told_without_a_warning():
    tiny = np.array([[1e-300, 1e10], [1e10, 1.0]])
    fine = np.diag([1e-300, 1.0])
    assert _positive(np.stack([tiny, fine]).astype(complex)).tolist() == [False, True]


def test_no_posterior_is_claimed_where_no_proposal_is_a_state():
    # proposals of deviation 1e6 around |0>: a Bloch vector is within the sphere with probability 1e-18
    basis = np.stack([np.eye(2) / np.sqrt(2), *(pauli_matrix(word) / np.sqrt(2) for word in "XYZ")])
    best = np.array([[1, 0, 0, 1]]) / np.sqrt(2)
    likelihood = SimpleNamespace(basis=basis, value=lambda r: np.zeros(len(r)))
    region = SimpleNamespace(likelihood=likelihood, best=best, inverse=1e12 * np.eye(3)[None])
    low, high = posterior_quantiles(region, lambda states: np.einsum("fii->f", states).real, seed=1)
    assert np.isnan([low, high]).all()
