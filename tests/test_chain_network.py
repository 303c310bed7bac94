"""Networks of partial swaps and the orbital matrix, against matrices of the whole space with correlated states."""

import functools

import numpy as np
import pytest
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import expm, logm

from protocols.chain import (
    Network,
    block_entropy,
    bond_currents,
    energies,
    evolution,
    evolved,
    hopping,
    network,
    network_steps,
    network_values,
    places,
    strang,
    total_correlation,
    unitary,
)
from protocols.collisions import act
from protocols.pauli import moments, pauli_matrix

LOWER, Z = np.array([[0, 1], [0, 0]]), np.diag([1, -1])
X, Y = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]])
seeds = st.integers(0, 2**32 - 1)


# ---- an independent route: matrices of 2^N states written here ----


def on(sites, **matrices):
    """A product of matrices on sites: on(3, q0=Z, q2=X)."""
    return functools.reduce(np.kron, [matrices.get(f"q{i}", np.eye(2)) for i in range(sites)])


def fermion(i, sites):
    """c_i = Z .. Z s-_i."""
    return on(sites, **{f"q{k}": Z for k in range(i)}, **{f"q{i}": LOWER})


def orbital_matrix(rho, sites):
    """C_ij = Tr[rho c_j^+ c_i]."""
    c = [fermion(i, sites) for i in range(sites)]
    return np.array([[np.trace(rho @ c[j].conj().T @ c[i]) for j in range(sites)] for i in range(sites)])


def hamiltonian(couplings):
    sites = len(couplings) + 1
    bonds = [on(sites, **{f"q{i}": LOWER.T, f"q{i + 1}": LOWER}) for i in range(sites - 1)]
    return sum(J * (b + b.conj().T) for J, b in zip(couplings, bonds, strict=True))


def any_state(generator, sites):
    """A mixed state with every correlation there is, numbers of excitations superposed too."""
    A = generator.normal(size=(2, 2**sites, 2**sites))
    A = A[0] + 1j * A[1]
    rho = A @ A.conj().T
    return rho / np.trace(rho)


def gaussian_state(generator, sites):
    """exp(-sum K_ij c_i^+ c_j)/Z and its C = 1/(e^K + 1): full of coherences between all sites."""
    V = random_unitary(generator, sites)
    C = (V * generator.uniform(0.02, 0.98, sites)) @ V.conj().T
    K = np.asarray(logm(np.linalg.inv(C) - np.eye(sites)))
    c = [fermion(i, sites) for i in range(sites)]
    rho = expm(-sum(K[i, j] * c[i].conj().T @ c[j] for i in range(sites) for j in range(sites)))
    return rho / np.trace(rho), C


def random_unitary(generator, sites):
    A = generator.normal(size=(2, sites, sites))
    Q, R = np.linalg.qr(A[0] + 1j * A[1])
    return Q * (np.diag(R) / np.abs(np.diag(R)))


def carried_out(made, rho, sites):
    """The operations of a network on a state of all qubits, by the matrices that circuits are tested against."""
    wires = [f"q{i}" for i in range(sites)]
    values = network_values(made, "any")
    for step in network_steps(wires, "any"):
        matrix = step.matrix({name: values[name][:1] for name in step.angles})[0]
        rho = act(matrix, rho, [wires.index(wire) for wire in step.wires], sites)
    return rho


def entropy(rho):
    p = np.linalg.eigvalsh(rho)
    p = p[p > 1e-15]
    return -(p * np.log(p)).sum()


def reduced(rho, first, count, sites):
    left, right = 2**first, 2 ** (sites - first - count)
    return np.einsum("aibajb->ij", rho.reshape(left, 2**count, right, left, 2**count, right))


# ---- moments of many qubits ----


def test_moments_of_five_qubits_are_traces_with_the_matrices_of_words():
    rho = any_state(np.random.default_rng(2), 5)
    chosen = ["IIIIX", "XYZIZ", "YYXII", "ZIIII", "YXYXY"]
    found = moments(np.stack([rho, np.eye(32) / 32]), chosen)
    expected = {word: [np.trace(rho @ pauli_matrix(word)).real, 0.0] for word in chosen}
    assert list(found) == chosen
    for word, values in expected.items():
        np.testing.assert_allclose(found[word], values, atol=1e-14)


# ---- networks ----


@given(seeds, st.integers(2, 7), st.integers(1, 4))
@examples(40)
def test_every_unitary_is_a_network(seed, sites, points):
    generator = np.random.default_rng(seed)
    u = np.stack([random_unitary(generator, sites) for _ in range(points)])
    made = network(u)
    assert made.swaps.shape == (points, sites * (sites - 1) // 2) == (points, len(places(sites)))
    assert (made.swaps >= 0).all()
    assert (made.swaps <= np.pi / 2 + 1e-15).all()
    np.testing.assert_allclose(unitary(made), u, atol=1e-13)


@pytest.mark.parametrize("sites", [2, 3, 4, 5, 6])
def test_unitaries_with_zeros_are_networks_too(sites):
    """Nothing at all, the reflection of the chain, phases alone, and a block: angles of 0 and pi/2."""
    block = np.eye(sites, dtype=complex)
    block[:2, :2] = random_unitary(np.random.default_rng(1), 2)
    u = np.stack([np.eye(sites), np.eye(sites)[::-1], np.diag(np.exp(1j * np.arange(sites))), block])
    np.testing.assert_allclose(unitary(network(u)), u, atol=1e-14)


@given(seeds, st.integers(2, 5))
@examples(12)
def test_its_gates_are_the_evolution_of_every_state_of_the_whole_space(seed, sites):
    generator = np.random.default_rng(seed)
    couplings, time = generator.uniform(0.2, 2, sites - 1), generator.uniform(0, 9)
    made = network(evolution(hopping(couplings), time)[None])
    U = expm(-1j * time * hamiltonian(couplings))
    rho = any_state(generator, sites)
    np.testing.assert_allclose(carried_out(made, rho, sites), U @ rho @ U.conj().T, atol=1e-12)
    # and of any unitary of one excitation, complex as that of a chain is not: C -> u C u^+
    u = random_unitary(generator, sites)
    found = orbital_matrix(carried_out(network(u[None]), rho, sites), sites)
    np.testing.assert_allclose(found, evolved(orbital_matrix(rho, sites), u), atol=1e-12)


def test_the_other_sign_of_the_axes_is_seen_by_correlated_states():
    """The trap: it makes the conjugate unitary, up to signs, which products without coherence do not notice."""
    sites, generator = 4, np.random.default_rng(3)
    u = random_unitary(generator, sites)
    made = network(u[None])
    wrong = Network(swaps=made.swaps, axes=-made.axes, phases=made.phases)
    n = [on(sites, **{f"q{i}": np.diag([0, 1])}) for i in range(sites)]

    def populations(network_of, rho):
        return np.array([np.trace(carried_out(network_of, rho, sites) @ one).real for one in n])

    product = functools.reduce(np.kron, [np.diag([1 - q, q]) for q in generator.uniform(0.1, 0.45, sites)])
    correlated, C = gaussian_state(generator, sites)
    expected = energies(evolved(C, u))
    np.testing.assert_allclose(populations(wrong, product), populations(made, product), atol=1e-12)
    np.testing.assert_allclose(populations(made, correlated), expected, atol=1e-12)
    assert np.abs(populations(wrong, correlated) - expected).max() > 0.1


# ---- the orbital density matrix ----


@given(seeds, st.integers(2, 6))
@examples(10, fast=4)
def test_energies_coherences_and_currents_of_any_state(seed, sites):
    generator = np.random.default_rng(seed)
    couplings, time = generator.uniform(-2, 2, sites - 1), generator.uniform(0, 5)
    rho = any_state(generator, sites)
    C = evolved(orbital_matrix(rho, sites), evolution(hopping(couplings), time))
    U = expm(-1j * time * hamiltonian(couplings))
    later = U @ rho @ U.conj().T
    np.testing.assert_allclose(C, orbital_matrix(later, sites), atol=1e-11)
    n = [np.trace(later @ on(sites, **{f"q{i}": np.diag([0, 1])})).real for i in range(sites)]
    np.testing.assert_allclose(energies(C), n, atol=1e-11)
    J, H = couplings, hamiltonian(couplings)
    words = [({f"q{i}": X, f"q{i + 1}": Y}, {f"q{i}": Y, f"q{i + 1}": X}) for i in range(sites - 1)]
    read = [-J[i] / 2 * np.trace(later @ (on(sites, **a) - on(sites, **b))).real for i, (a, b) in enumerate(words)]
    np.testing.assert_allclose(bond_currents(C, couplings), read, atol=1e-11)
    # what comes less what goes is the slope of every energy
    slope = [
        np.trace(-1j * (H @ later - later @ H) @ on(sites, **{f"q{i}": np.diag([0, 1])})).real for i in range(sites)
    ]
    through = np.concatenate([[0.0], bond_currents(C, couplings), [0.0]])
    np.testing.assert_allclose(through[:-1] - through[1:], slope, atol=1e-10)


@given(seeds, st.integers(2, 6))
@examples(8, fast=3)
def test_entropies_of_blocks_of_gaussian_states(seed, sites):
    rho, C = gaussian_state(np.random.default_rng(seed), sites)
    np.testing.assert_allclose(C, orbital_matrix(rho, sites), atol=1e-10)
    for first in range(sites):
        for count in range(1, sites - first + 1):
            found = block_entropy(C, first, count)
            assert found == pytest.approx(entropy(reduced(rho, first, count, sites)), abs=1e-9)
    alone = sum(entropy(reduced(rho, i, 1, sites)) for i in range(sites))
    assert total_correlation(C) == pytest.approx(alone - entropy(rho), abs=1e-9)


@given(seeds, st.integers(2, 5), st.integers(1, 4))
@examples(10, fast=4)
def test_strang_steps_are_products_of_exponentials_of_their_layers(seed, sites, steps):
    generator = np.random.default_rng(seed)
    couplings, time = generator.uniform(0.2, 2, (3, sites - 1)), generator.uniform(0, 5, 3)
    found = strang(couplings, time, steps)
    for J, t, u in zip(couplings, time, found, strict=True):
        odd, even = (hopping(J * (np.arange(sites - 1) % 2 == parity)) for parity in (0, 1))
        once = expm(-0.5j * t / steps * odd) @ expm(-1j * t / steps * even) @ expm(-0.5j * t / steps * odd)
        np.testing.assert_allclose(u, np.linalg.matrix_power(once, steps), atol=1e-12)


def test_a_hundred_sites_are_nothing():
    """One excitation in the middle spreads as Bessel functions do, J_k(2t)^2, until it meets an end."""
    from scipy.special import jv

    u = evolution(hopping(np.ones(100)), np.linspace(0, 20, 3))
    C = evolved(np.diag(np.eye(101)[50]), u)
    np.testing.assert_allclose(energies(C)[:, 50], jv(0, 2 * np.linspace(0, 20, 3)) ** 2, atol=1e-10)
