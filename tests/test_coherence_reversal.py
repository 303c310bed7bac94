"""coherence-reversal: closed forms against matrix exponentials and circuits, and the numbers of the model."""

import functools

import numpy as np
import pytest
from conftest import examples, slow
from hypothesis import given
from hypothesis import strategies as st
from predictions import exact
from scipy.linalg import expm

from analysis import analyse
from devices import execute, open_device
from protocols import compile
from protocols.coherence_reversal import BEST, CoherenceReversal
from protocols.pauli import pauli_matrix

LOWER = np.array([[0, 1], [0, 0]])


def excited(T):
    return 1 / (1 + np.exp(1 / T))


# ---- an independent route: matrices written here ----


def on(wire, matrix, wires=3):
    return functools.reduce(np.kron, [matrix if i == wire else np.eye(2) for i in range(wires)])


def hop(a, b, wires=3):
    product = on(a, LOWER.T, wires) @ on(b, LOWER, wires)
    return product + product.conj().T


def by_matrices(T_S, T_B, coherence, coherence_phase, angle, collisions, contact):
    """Heat into the pair and the pair's state: rho_S x tau_B through exponentials of the generators, K times."""
    p, p_B = excited(T_S), excited(T_B)
    rho = np.diag([(1 - p) ** 2, p * (1 - p), p * (1 - p), p**2]).astype(complex)
    rho[1, 2] = coherence * p * (1 - p) * np.exp(1j * coherence_phase)
    rho[2, 1] = rho[1, 2].conj()
    if contact == "star":
        U = expm(-1j * angle * (hop(0, 2) + hop(1, 2)))
    else:
        U = expm(-1j * angle * hop(1, 2)) @ expm(-1j * angle * hop(0, 2))
    n = np.diag([0, 1, 1, 2])
    before = np.trace(rho @ n).real
    for _ in range(collisions):
        joint = U @ np.kron(rho, np.diag([1 - p_B, p_B])) @ U.conj().T
        rho = np.trace(joint.reshape(4, 2, 4, 2), axis1=1, axis2=3)
    return np.trace(rho @ n).real - before, rho


temperatures = st.one_of(st.floats(0.2, 5), st.sampled_from([np.inf, -3.0, -0.4]))
fields = st.fixed_dictionaries(
    {
        "T_S": temperatures,
        "T_B": temperatures,
        "coherence": st.floats(-1, 1),
        "coherence_phase": st.floats(-4, 4),
        "angle": st.floats(-3, 6),
        "collisions": st.integers(0, 4),
        "contact": st.sampled_from(["cascade", "star"]),
    }
)


@given(fields)
@examples(60)
def test_states_and_heat_are_those_of_the_matrix_exponential(given_fields):
    heat, rho = by_matrices(**given_fields)
    experiment = CoherenceReversal(**given_fields)
    points = experiment.points({}, "nominal")
    np.testing.assert_allclose(experiment.state(points)[0], rho, atol=1e-12)
    assert exact(experiment, "heat", "pair")[0] == pytest.approx(heat, abs=1e-12)
    assert exact(experiment, "heat", "bath")[0] == pytest.approx(-heat, abs=1e-12)


@given(fields)
@examples(40)
def test_the_closed_forms_of_one_collision(given_fields):
    f = {**given_fields, "collisions": 1}
    p, p_B, phi = excited(f["T_S"]), excited(f["T_B"]), f["angle"]
    C = 2 * p * (1 - p) * f["coherence"] * np.cos(f["coherence_phase"])
    if f["contact"] == "star":
        heat = np.sin(np.sqrt(2) * phi) ** 2 * ((p_B - p) - C / 2 * (1 - 2 * p_B))
    else:
        s2, c = np.sin(phi) ** 2, np.cos(phi)
        heat = s2 * (1 + c**2) * (p_B - p) - c * s2 * (1 - 2 * p_B) * C
    experiment = CoherenceReversal(**f)
    assert exact(experiment, "heat", "pair")[0] == pytest.approx(heat, abs=1e-12)
    # the marginals are thermal whatever chi, and C is what XX and YY read before the collision
    before = CoherenceReversal(**{**f, "angle": 0.0})
    assert exact(before, "energy", "S1")[0] == pytest.approx(p, abs=1e-12)
    assert exact(before, "energy", "S2")[0] == pytest.approx(p, abs=1e-12)
    assert exact(before, "energy", "bath")[0] == pytest.approx(p_B, abs=1e-12)
    assert exact(before, "coherence", "pair")[0] == pytest.approx(C, abs=1e-12)
    threshold = exact(experiment, "reversal_threshold", "pair")[0]
    if abs(threshold) <= 2 * p * (1 - p) and abs(np.sin(np.sqrt(2) * phi if f["contact"] == "star" else phi)) > 0.1:
        at = CoherenceReversal(**{**f, "coherence_phase": 0.0, "coherence": threshold / (2 * p * (1 - p))})
        assert exact(at, "heat", "pair")[0] == pytest.approx(0, abs=1e-12)


# ---- numbers of the model (T_S = 1, T_B = 1.25), each to 1e-6 ----

THREE = [0.0, 1.0, -1.0]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, (0.0365192, -0.0209868, 0.0940252)),
        ({"angle": 0.3}, (0.0068626, -0.0056025, 0.0193277)),
    ],
)
def test_heat_of_a_cascade(changed, expected):
    found = exact(CoherenceReversal(coherence=THREE, **changed), "heat", "pair")
    np.testing.assert_allclose(found, expected, atol=1e-6 if not changed else 5.1e-8)


def test_the_default_angle_makes_most_of_the_coherence():
    phi = np.linspace(0, np.pi / 2, 20001)
    assert phi[np.argmax(np.cos(phi) * np.sin(phi) ** 2)] == pytest.approx(BEST, abs=1e-4)
    assert pytest.approx(0.955317, abs=1e-6) == BEST


def test_a_hot_pair_is_heated_by_a_colder_bath():
    found = exact(CoherenceReversal(T_S=1.25, T_B=1.0, coherence=[0.0, -1.0]), "heat", "pair")
    np.testing.assert_allclose(found, (-0.0365192, 0.0395766), atol=1e-6)


def test_apparent_temperature_threshold_and_largest_reversible_bath():
    C_star = 0.216261
    p = excited(1.0)
    at = [-1.0, 0.0, C_star / (2 * p * (1 - p)), 1.0]
    found = exact(CoherenceReversal(coherence=at, angle=0.0), "apparent_temperature", "pair")
    np.testing.assert_allclose(found, [0.5, 1, 1.25, 1.450432], atol=2e-6)
    star = CoherenceReversal(contact="star")
    assert exact(star, "reversal_threshold", "pair")[0] == pytest.approx(C_star, abs=1e-6)
    assert exact(star, "largest_reversible_temperature", "bath")[0] == pytest.approx(1.450432, abs=1e-6)
    c = np.cos(BEST)
    cascade = exact(CoherenceReversal(), "reversal_threshold", "pair")[0]
    assert cascade == pytest.approx(C_star * (1 + c**2) / (2 * c), abs=2e-6)


@pytest.mark.parametrize("beta", [1.0, 0.05, 0.0, -0.2, -3.0, -1000.0])
@pytest.mark.parametrize("contact", ["cascade", "star"])
def test_the_largest_bath_that_can_be_reversed_is_ordered_by_beta(beta, contact):
    """There heat is zero with all the coherence there can be, of the sign that helps; inverted pairs too."""
    T_S, sign = (1 / beta if beta else np.inf), (1 if beta >= 0 else -1)
    largest = exact(CoherenceReversal(T_S=T_S, T_B=T_S, contact=contact), "largest_reversible_temperature", "bath")[0]
    assert 1 / largest <= beta + 1e-12
    betas = np.array([1 / largest, 1 / largest - 0.1])
    baths = np.where(betas == 0, np.inf, 1 / np.where(betas == 0, 1, betas))
    heat = exact(CoherenceReversal(T_S=T_S, T_B=baths, coherence=float(sign), contact=contact), "heat", "pair")
    assert heat[0] == pytest.approx(0, abs=1e-12)
    assert heat[1] > 0 or beta == -1000


def test_star_collisions_keep_the_singlet_and_do_not_thermalise():
    experiment = CoherenceReversal(contact="star", coherence=THREE, angle=0.7, collisions=400)
    energies = exact(experiment, "energy", "S1") + exact(experiment, "energy", "S2")
    np.testing.assert_allclose(energies, (0.611690, 0.516660, 0.706721), atol=1e-6)
    state = experiment.state(experiment.points({}, "nominal"))
    singlet = np.array([0, 1, -1, 0]) / np.sqrt(2)
    p = excited(1.0)
    weight = p * (1 - p) * (1 - np.array(THREE))
    np.testing.assert_allclose(np.einsum("i,pij,j->p", singlet, state, singlet).real, weight, atol=1e-12)


def test_entropy_is_produced_and_cumulative_heat():
    # family.md gives +0.02184 without the angle; it is that of angle 0.3
    assert exact(CoherenceReversal(angle=0.3), "entropy_production", "pair")[0] == pytest.approx(0.02184, abs=5e-6)
    found = exact(CoherenceReversal(angle=0.3, collisions=[1, 2, 3]), "heat", "pair")
    np.testing.assert_allclose(found, (-0.005603, -0.009700, -0.012651), atol=1e-6)


def test_only_the_real_part_of_chi_moves_heat():
    phase = np.linspace(0, 2 * np.pi, 9)[:-1]
    found = exact(CoherenceReversal(coherence_phase=phase), "heat", "pair")
    np.testing.assert_allclose(found, 0.0365192 - (0.0365192 + 0.0209868) * np.cos(phase), atol=2e-7)


def test_the_moments_of_entropy_are_the_entropy_of_the_state():
    from protocols.pair import conserving_entropy_of
    from protocols.pauli import moments, words
    from protocols.program import Sample

    experiment = CoherenceReversal(coherence=0.7, coherence_phase=0.9, collisions=2)
    rho = experiment.state(experiment.points({}, "nominal"))
    p = np.linalg.eigvalsh(rho[0])
    found = conserving_entropy_of(Sample(parameters={}, moments=moments(rho, words(2))))
    assert found[0] == pytest.approx(-np.sum(p * np.log(p)), abs=1e-12)
    assert np.abs(pauli_matrix("XX") @ pauli_matrix("YY") + pauli_matrix("ZZ")).max() == 0


# ---- sampled ----


@pytest.mark.parametrize("options", [{}, {"preparation": "measured"}, slow({"preparation": "random"})])
def test_sampled_runs_agree_with_the_exact_values(tmp_path, options):
    """All heats, energies and coherences of 12 points within 5 standard errors; false alarm below 1e-4."""
    collisions = [1] if options.get("preparation") == "random" else [1, 2]
    experiment = CoherenceReversal(coherence=THREE, collisions=collisions, coherence_phase=0.4)
    points = experiment.points({"control": "none", **options})
    record = execute(compile(experiment, points, shots=8000), open_device("exact"), runs=tmp_path, seed=3)
    table = analyse(record).table
    linear = table[table["observable"].isin(["heat", "energy", "coherence", "energy_difference"])]
    pulls = ((linear["value"] - linear["ideal"]) / linear["stderr"]).to_numpy()
    assert len(pulls) > 90
    assert np.abs(pulls).max() < 5
    others = table[table["observable"].isin(["apparent_temperature", "entropy_production"]) & table["value"].notna()]
    assert (np.abs(others["value"] - others["ideal"]) / others["stderr"]).max() < 6
