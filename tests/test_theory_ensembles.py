"""Spins with internal coherence: closed forms and ladders beside matrices written here, conservation laws, limits."""

import functools
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from protocols.coherence_reversal import CoherenceReversal
from theory import ensembles
from theory.ensembles import Ladders

BEST = np.arccos(1 / np.sqrt(3))
P, P_B = 1 / (1 + np.exp([1, 0.8]))
MOST = P * (1 - P)
fractions, temperatures, angles = st.floats(-1, 1), st.floats(0.3, 5), st.floats(0.05, 1.5)


def raising(size):
    """s_k+ of every spin, the first leftmost, |1> excited."""
    up = np.array([[0, 0], [1, 0]])
    return [functools.reduce(np.kron, [up if i == k else np.eye(2) for i in range(size)]) for k in range(size)]


def by_matrices(rho, T_B, angle, contact):
    """Spins after one collision, and all of them with the bath qubit: exponentials, the qubit in front."""
    b = np.kron(np.array([[0, 0], [1, 0]]), np.eye(len(rho)))
    spins = [np.kron(np.eye(2), one) for one in raising(len(rho).bit_length() - 1)]
    joint = np.kron(np.diag([1, np.exp(-1 / T_B)]) / (1 + np.exp(-1 / T_B)), rho)
    for coupled in [sum(spins)] if contact == "star" else spins:
        H = coupled @ b.T + b @ coupled.T
        U = expm(-1j * angle * H)
        joint = U @ joint @ U.conj().T
    n = len(rho)
    return joint[:n, :n] + joint[n:, n:], joint


def logarithm(rho):
    """Zero on the kernel, which the state has no weight in."""
    values, vectors = np.linalg.eigh(rho)
    return (vectors * np.log(np.where(values > 1e-14, values, 1))) @ vectors.conj().T


def energy(rho):
    return sum(np.trace(rho @ one @ one.T).real for one in raising(len(rho).bit_length() - 1))


@pytest.mark.parametrize(
    ("angle", "contact", "T_S", "T_B", "chi", "heat"),
    [
        (0.3, "cascade", 1, 1.25, 0, 0.0068626),
        (0.3, "cascade", 1, 1.25, 1, -0.0056025),
        (0.3, "cascade", 1, 1.25, -1, 0.0193277),
        (BEST, "cascade", 1, 1.25, 0, 0.0365192),
        (BEST, "cascade", 1, 1.25, 1, -0.0209868),
        (BEST, "cascade", 1, 1.25, -1, 0.0940252),
        (BEST, "cascade", 1.25, 1, 0, -0.0365192),
        (BEST, "cascade", 1.25, 1, -1, 0.0395766),
    ],
)
def test_one_collision_has_the_printed_heat(angle, contact, T_S, T_B, chi, heat):
    p = 1 / (1 + np.exp(1 / T_S))
    found = ensembles.collide(ensembles.pair(p, chi * p * (1 - p)), T_B, angle, contact)
    assert found.heat == pytest.approx(heat, abs=6e-8)
    assert found.bath == pytest.approx(-found.heat, abs=1e-15)


def test_other_printed_numbers():
    apparent = [ensembles.apparent_temperature(ensembles.pair(P, chi)) for chi in (-MOST, 0, 0.1081305, MOST)]
    assert apparent == pytest.approx([0.5, 1, 1.25, 1.450432], abs=1e-6)
    assert ensembles.largest_temperature(1.0, 2 * MOST) == pytest.approx(1.450432, abs=5e-7)
    at_rest = [Ladders.thermal(P, 2, f * MOST).at_rest(1.25).energy for f in (0, 1, -1)]
    assert at_rest == pytest.approx([0.611690, 0.516660, 0.706721], abs=5e-7)
    assert ensembles.excitations(ensembles.pair(P)) == pytest.approx(0.537883, abs=5e-7)
    x = P * (1 - P) ** 2 / 2
    three = [ensembles.collide(ensembles.spins(P, one, 3), 1.25, 0.3).heat for one in (x, 0)]
    assert three == pytest.approx([-0.0038658, 0.0098512], abs=5e-8)
    assert ensembles.collide(ensembles.pair(P, MOST), 1.25, 0.3).entropy_production == pytest.approx(0.02184, abs=5e-6)


@given(fractions, st.floats(0, 6), temperatures, temperatures, angles, st.sampled_from(["star", "cascade"]))
@settings(max_examples=15)
def test_a_pair_collides_as_matrices_say(fraction, phase, T_S, T_B, angle, contact):
    p = 1 / (1 + np.exp(1 / T_S))
    chi = fraction * p * (1 - p) * np.exp(1j * phase)
    rho = ensembles.pair(p, chi)
    found, (after, joint) = ensembles.collide(rho, T_B, angle, contact), by_matrices(rho, T_B, angle, contact)
    np.testing.assert_allclose(found.rho, after, atol=1e-12)
    C = 2 * chi.real
    closed = (
        ensembles.star_heat(T_S, T_B, C, angle)
        if contact == "star"
        else ensembles.cascade_heat(T_S, T_B, abs(fraction) * p * (1 - p), angle, np.angle(chi) if chi else 0)
    )
    assert found.heat == pytest.approx(float(closed), abs=1e-12)
    assert energy(after) - energy(rho) == pytest.approx(found.heat, abs=1e-12)
    assert found.entropy_production >= -1e-12
    lowered = sum(raising(2)).T
    down, up = (np.trace(rho @ one).real for one in (lowered.T @ lowered, lowered @ lowered.T))
    if abs(up - down) > 1e-3:
        assert ensembles.apparent_temperature(rho) == pytest.approx(1 / np.log(up / down), rel=1e-9)
    # Sigma is how far spins and qubit are from what the spins became and a thermal qubit
    b = np.diag([1, np.exp(-1 / T_B)]) / (1 + np.exp(-1 / T_B))
    relative = np.trace(joint @ (logarithm(joint) - logarithm(np.kron(b, after)))).real
    assert found.entropy_production == pytest.approx(relative, abs=1e-9)


@given(st.integers(2, 4), st.floats(-1, 1), temperatures, temperatures, angles)
@settings(max_examples=15)
def test_ladders_are_the_whole_space(size, fraction, T_S, T_B, angle):
    p = 1 / (1 + np.exp(1 / T_S))
    x = fraction * p * (1 - p) ** (size - 1) / (1 if fraction > 0 else size - 1)
    rho, ladders = ensembles.spins(p, x, size), Ladders.thermal(p, size, x)
    lowered = sum(raising(size)).T
    assert ladders.energy == pytest.approx(energy(rho), abs=1e-12)
    assert ladders.energy + ladders.coherence == pytest.approx(np.trace(rho @ lowered.T @ lowered).real, abs=1e-12)
    assert ladders.coherence == pytest.approx(size * (size - 1) * x, abs=1e-12)
    eigenvalues = np.linalg.eigvalsh(rho)
    eigenvalues = eigenvalues[eigenvalues > 1e-15]
    assert ladders.entropy == pytest.approx(-(eigenvalues * np.log(eigenvalues)).sum(), abs=1e-10)
    after, _ = by_matrices(rho, T_B, angle, "star")
    struck = ladders.star(T_B, angle)
    assert struck.energy == pytest.approx(energy(after), abs=1e-12)
    assert struck.ladders == pytest.approx(ladders.ladders, abs=1e-14)
    p_B = 1 / (1 + np.exp(1 / T_B))
    assert ladders.current(T_B) == pytest.approx(size * (p_B - p) - size * (size - 1) * x * (1 - 2 * p_B), abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(("size", "fraction", "T_B"), [(2, -0.7, 0.9), (3, 0.8, 1.7)])
def test_the_master_equation_is_one_by_qutip_by_ladders_and_in_its_stars(size, fraction, T_B):
    p, times = 1 / (1 + np.exp(1 / 1.1)), np.array([0, 0.4, 1.5])
    x = fraction * p * (1 - p) ** (size - 1) / (1 if fraction > 0 else size - 1)
    rho, ladders = ensembles.spins(p, x, size), Ladders.thermal(p, size, x)
    whole = [ensembles.excitations(one) for one in ensembles.evolve(rho, T_B, times)]
    assert [one.energy for one in ladders.after(T_B, times)] == pytest.approx(whole, abs=1e-9)
    assert ensembles.heat_current(rho, T_B) == pytest.approx(ladders.current(T_B), abs=1e-13)
    for angle, close in ((0.02, 2e-3), (0.01, 5e-4)):
        struck = (ensembles.collide(rho, T_B, angle, "star").heat) / angle**2
        assert struck == pytest.approx(ladders.current(T_B), abs=close)


@given(st.integers(2, 12), temperatures, temperatures)
@settings(max_examples=20)
def test_collective_contact_comes_to_rest_without_thermalising(size, T_S, T_B):
    ladders = Ladders.thermal(1 / (1 + np.exp(1 / T_S)), size)
    rest = ladders.at_rest(T_B)
    assert rest.ladders == pytest.approx(ladders.ladders, abs=1e-12)
    assert rest.current(T_B) == pytest.approx(0, abs=1e-12)
    assert rest.star(T_B, 0.7).weights == pytest.approx(rest.weights, abs=1e-12)
    late = ladders.after(T_B, [60.0])[0]
    assert late.energy == pytest.approx(rest.energy, abs=1e-6)
    # the weights differ from those of a thermal state unless it was one
    if abs(T_S - T_B) > 0.1:
        thermal = Ladders.thermal(1 / (1 + np.exp(1 / T_B)), size)
        assert abs(rest.energy - thermal.energy) > 1e-9


@given(temperatures, temperatures, angles, st.floats(0, 6), st.sampled_from(["star", "cascade"]))
@settings(max_examples=8)
def test_coherence_between_unequal_energies_does_nothing(T_S, T_B, angle, phase, contact):
    p = 1 / (1 + np.exp(1 / T_S))
    rho = ensembles.pair(p)
    squeezed = rho.copy()
    squeezed[0, 3], squeezed[3, 0] = p * (1 - p) * np.exp(1j * phase), p * (1 - p) * np.exp(-1j * phase)
    assert np.linalg.eigvalsh(squeezed).min() > -1e-14
    heats = [ensembles.collide(one, T_B, angle, contact).heat for one in (rho, squeezed)]
    assert heats[0] == pytest.approx(heats[1], abs=1e-14)


@given(temperatures, fractions)
@settings(max_examples=10)
def test_a_pair_heats_baths_up_to_the_largest_temperature(T_S, fraction):
    """By the sign of the heat of matrices a little below it and above it."""
    p = 1 / (1 + np.exp(1 / T_S))
    chi = abs(fraction) * p * (1 - p)
    hottest = float(ensembles.largest_temperature(T_S, 2 * chi))
    rho = ensembles.pair(p, chi)
    below, above = (by_matrices(rho, f * hottest, 0.7, "star")[0] for f in (0.99, 1.01))
    assert energy(below) < energy(rho) < energy(above)


def test_a_classical_correlation_turns_no_first_heat_but_the_heat_of_many_stars():
    """Its C is 0; at rest it counts like coherence, since it takes weight from the singlet."""
    kinds = {"none": (0, 0), "classical": (0, MOST), "separable": (MOST, 0), "entangled": (P, -(P**2))}
    first, last = {}, {}
    for name, (chi, k) in kinds.items():
        rho = ensembles.pair(P, chi, k)
        reduced = rho.reshape(2, 2, 2, 2)
        for one in (np.einsum("iaja->ij", reduced), np.einsum("aiaj->ij", reduced)):
            np.testing.assert_allclose(one, np.diag([1 - P, P]), atol=1e-15)
        found = ensembles.repeated(rho, 1.25, 0.3, 150, "star")
        first[name], last[name] = found[0].heat, ensembles.excitations(found[-1].rho) - ensembles.excitations(rho)
        assert min(one.entropy_production for one in found) > -1e-12
    assert first["classical"] == pytest.approx(first["none"], abs=1e-15)
    assert first["entangled"] < first["separable"] < 0 < first["none"]
    assert last["none"] > 0
    assert [last[name] for name in ("classical", "separable", "entangled")] == pytest.approx([-0.021223] * 3, abs=1e-6)
    for kind in ("separable", "entangled"):
        C = ensembles.largest_coherence(1.0, kind)
        assert ensembles.coherence(ensembles.pair(P, *kinds[kind])) == pytest.approx(float(C), abs=1e-14)
        assert ensembles.star_heat(1.0, ensembles.largest_temperature(1.0, C), C, 0.4) == pytest.approx(0, abs=1e-15)


def test_no_separable_pair_has_more_coherence_than_is_said():
    """Partial transposes of pairs on a grid of both correlations: positive only within the bound."""
    for chi, k in itertools.product(np.linspace(0, P, 40), np.linspace(-(P**2), MOST, 41)):
        if chi <= MOST - k + 1e-12:
            transposed = ensembles.pair(P, chi, k).reshape(2, 2, 2, 2).transpose(0, 3, 2, 1).reshape(4, 4)
            if np.linalg.eigvalsh(transposed).min() >= -1e-12:
                assert 2 * chi <= ensembles.largest_coherence(1.0, "separable") + 1e-9


def test_the_cascade_is_the_one_that_circuits_have():
    one = CoherenceReversal(T_S=0.8, T_B=1.9, coherence=0.6, coherence_phase=0.7, angle=0.4, collisions=3)
    p = 1 / (1 + np.exp(1 / 0.8))
    rho = ensembles.pair(p, 0.6 * p * (1 - p) * np.exp(0.7j))
    flown = one.state(one.points({}, "nominal"))[0]
    np.testing.assert_allclose(ensembles.repeated(rho, 1.9, 0.4, 3)[-1].rho, flown, atol=1e-12)


def test_what_is_no_state_is_refused():
    with pytest.raises(ValueError, match="least eigenvalue"):
        ensembles.pair(P, 1.1 * MOST)
    with pytest.raises(ValueError, match="least eigenvalue"):
        ensembles.spins(P, -0.6 * P * (1 - P) ** 2, 3)
    with pytest.raises(ValueError, match="star or cascade"):
        ensembles.collide(ensembles.pair(P), 1.0, 0.1, "ring")
