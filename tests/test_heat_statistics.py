"""Heat as a distribution: closed forms, matrices written here, circuits, and counts of the real devices.

The numbers of the table `B4` are this project's own (docs/heat-statistics.md); no paper prints them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st

from protocols.pair import PairState, coherent, entangled, product
from protocols.pair.heat_statistics import (
    exchange_bound,
    exchange_ratio,
    fluctuation_average,
    heat_distribution,
    heat_probabilities,
    mean_of_heat,
    quasiprobabilities,
    steady_state_bound,
    two_point,
    uncertainty_ratio,
    variance_of_exchange,
    variance_of_heat,
    with_coherence,
)

MATRICES = 1e-9
A_OF = np.array([0, 0, 1, 1])
B_OF = np.array([0, 1, 0, 1])


# ---- matrices, from nothing but the definitions ----


def gibbs(T: float) -> np.ndarray:
    weights = np.exp(-np.array([0.0, 1.0]) / T)
    return np.diag(weights / weights.sum())


def swap(angle: float, phi_V: float) -> np.ndarray:
    V = np.zeros((4, 4), complex)
    V[1, 2], V[2, 1] = np.exp(1j * phi_V), np.exp(-1j * phi_V)
    values, vectors = np.linalg.eigh(V)
    return (vectors * np.exp(-1j * angle * values)) @ vectors.conj().T


@dataclass
class Matrices:
    """Every statistic of the heat of A from a density matrix, temperatures and a unitary."""

    rho: np.ndarray
    T: tuple[float, float]
    U: np.ndarray

    @property
    def p(self) -> np.ndarray:
        return self.rho.diagonal().real

    @property
    def tau(self) -> np.ndarray:
        return np.kron(gibbs(self.T[0]).diagonal(), gibbs(self.T[1]).diagonal())

    @property
    def two_point(self) -> np.ndarray:
        return self.p[:, None] * np.abs(self.U.T) ** 2

    @property
    def margenau_hill(self) -> np.ndarray:
        P = [np.diag(row).astype(complex) for row in np.eye(4)]
        U = self.U
        return np.array([[np.trace(U.conj().T @ P[f] @ U @ P[i] @ self.rho).real for f in range(4)] for i in range(4)])

    @property
    def bayesian(self) -> np.ndarray:
        weights, states = np.linalg.eigh(self.rho)
        first, last = np.abs(states) ** 2, np.abs(self.U @ states) ** 2
        return sum(w * np.outer(first[:, s], last[:, s]) for s, w in enumerate(weights))

    def heats(self, joint: np.ndarray) -> list[float]:
        gained = A_OF[None, :] - A_OF[:, None]
        return [joint[gained == q].sum() for q in (1, 0, -1)]

    def variance(self, joint: np.ndarray) -> float:
        up, _, down = self.heats(joint)
        return up + down - (up - down) ** 2

    @property
    def averages(self) -> dict[str, float]:
        sigma = (A_OF[None, :] - A_OF[:, None]) / self.T[0] + (B_OF[None, :] - B_OF[:, None]) / self.T[1]
        info = np.log(np.where(self.p > 1e-13, self.p / self.tau, 1.0))
        read = np.where(self.p[:, None] > 1e-13, self.two_point, 0.0)
        weights, states = np.linalg.eigh(self.rho)
        kept = states[:, weights > 1e-13]
        projector = self.U @ kept @ kept.conj().T @ self.U.conj().T
        return {
            "jarzynski-wojcik": (self.two_point * np.exp(-sigma)).sum(),
            "classical-correlation": (read * np.exp(-sigma - info[:, None])).sum(),
            "quantum": (projector.diagonal().real * self.tau).sum(),
        }

    @property
    def entropy(self) -> float:
        up, _, down = self.heats(self.margenau_hill)
        return (1 / self.T[0] - 1 / self.T[1]) * (up - down)


@dataclass
class Case:
    """One pair, and the same as a matrix."""

    pair: PairState
    T: tuple[float, float]
    angle: float
    phi_V: float = 0.0

    @property
    def matrices(self) -> Matrices:
        return Matrices(self.pair.matrix[0], self.T, swap(self.angle, self.phi_V))

    @property
    def at(self) -> tuple[np.ndarray, np.ndarray]:
        return np.array([self.angle]), np.array([self.phi_V])

    def probabilities(self, scheme: str) -> np.ndarray:
        return heat_probabilities(self.pair, *self.at, scheme)[:, 0]

    def average(self, scheme: str) -> float:
        return float(fluctuation_average(self.pair, (one(self.T[0]), one(self.T[1])), *self.at, scheme)[0])


def one(value: float) -> np.ndarray:
    return np.array([float(value)])


def optimal(T_A: float, T_B: float, strength: float, angle: float, phase=np.pi / 2, phi_V=0.0) -> Case:
    return Case(entangled(one(T_A), one(T_B), one(strength), one(phase)), (T_A, T_B), angle, phi_V)


def bounded(T_A: float, T_B: float, share: float, angle: float, phase=np.pi / 2, phi_V=0.0) -> Case:
    p = product(one(T_A), one(T_B)).populations[0]
    alpha = share * np.sqrt(p[1] * p[2])
    return Case(coherent(one(T_A), one(T_B), one(alpha), one(phase)), (T_A, T_B), angle, phi_V)


# ---- the numbers of the table, columns in its order ----

B4 = {
    "half-way": (
        optimal(2, 1, 1, 0.39269908),
        {
            "heat": 0.2094139,
            "two-point": (0.0393856, 0.0552896),
            "ratio": 0.712351,
            "jarzynski-wojcik": 1.0037955,
            "classical-correlation": 0.8984637,
            "q": (0.1168969, 0.1520445, -0.0573694, 0.4349101),
            "variance": 0.0508209,
            "bayesian": 0.2350870,
            "quantum": 0.7210589,
            "uncertainty": 1.158861,
            "steady": 19.10,
        },
    ),
    "best": (
        optimal(2, 1, 1, 0.7010056),
        {
            "heat": 0.2689414,
            "two-point": (0.1118817, 0.1570598),
            "ratio": 0.712351,
            "jarzynski-wojcik": 1.0107818,
            "classical-correlation": 0.8984637,
            "q": (0.0, 0.2689414, 0.0, 0.3775407),
            "variance": 0.1966120,
            "bayesian": 0.1966119,
            "quantum": 0.7310586,
            "uncertainty": 2.718282,
            "steady": 14.87,
        },
    ),
    "weaker": (
        optimal(1.8, 0.9, 0.8, 0.5),
        {
            "heat": 0.1754086,
            "two-point": (0.0527745, 0.0796468),
            "ratio": 0.662607,
            "jarzynski-wojcik": 1.0052575,
            "classical-correlation": 1.0,
            "q": (0.0756904, 0.1539149, -0.0214937, 0.3680116),
            "variance": 0.1016531,
            "bayesian": 0.1929506,
            "quantum": 1.0,
            "uncertainty": 3.303840,
            "steady": 20.52,
        },
    ),
    "coherent": (
        bounded(1.8, 0.9, 0.9, 0.5),
        {
            "heat": 0.1304698,
            "two-point": (0.0361716, 0.0630439),
            "ratio": 0.573753,
            "jarzynski-wojcik": 1.0,
            "classical-correlation": 1.0,
            "q": (0.0425287, 0.1148427, -0.0156272, 0.2899112),
            "variance": 0.0821931,
            "bayesian": 0.1367010,
            "quantum": 1.0,
            "uncertainty": 4.828534,
            "steady": 27.59,
        },
    ),
    "uncorrelated": (
        bounded(1.8, 0.9, 0.0, 0.5),
        {
            "heat": -0.0268722,
            "two-point": (0.0361716, 0.0630439),
            "ratio": 0.573753,
            "jarzynski-wojcik": 1.0,
            "classical-correlation": 1.0,
            "q": (0.1211998, 0.0361716, 0.0630439, 0.2112402),
            "variance": 0.0984934,
            "bayesian": 0.0984934,
            "quantum": 1.0,
            "uncertainty": 136.3953,
            "steady": 133.967,
        },
    ),
}


@pytest.mark.parametrize("name", B4)
def test_the_numbers_of_the_table_to_the_digits_printed(name):
    case, expected = B4[name]
    up, _, down = case.probabilities("two-point")
    assert (up, down) == pytest.approx(expected["two-point"], abs=6e-8)
    assert float(exchange_ratio(case.pair)[0]) == pytest.approx(expected["ratio"], abs=6e-7)
    q = quasiprobabilities(case.pair, *case.at)[:, 0]
    # the best time is printed with seven digits
    assert q == pytest.approx(expected["q"], abs=2e-7 if name == "best" else 6e-8)
    assert q[1] - q[2] == pytest.approx(expected["heat"], abs=6e-8)
    for scheme in ("jarzynski-wojcik", "classical-correlation", "quantum"):
        assert case.average(scheme) == pytest.approx(expected[scheme], abs=6e-8)
    for scheme, key in (("margenau-hill", "variance"), ("bayesian", "bayesian")):
        assert float(variance_of_exchange(case.pair, *case.at, scheme)[0]) == pytest.approx(expected[key], abs=1e-7)
    assert float(uncertainty_ratio(case.pair, *case.at)[0]) == pytest.approx(expected["uncertainty"], rel=6e-7)
    entropy = (1 / case.T[0] - 1 / case.T[1]) * (q[1] - q[2])
    digits = 5e-4 if name == "uncorrelated" else 6e-3
    assert float(steady_state_bound(one(entropy))[0]) == pytest.approx(expected["steady"], abs=digits)


def test_the_bound_of_an_exchange_and_the_steady_one_near_a_full_swap():
    case = B4["uncorrelated"][0]
    assert float(exchange_bound(one(case.matrices.entropy))[0]) == pytest.approx(133.3013, abs=5e-5)
    full = bounded(2, 1, 0, np.pi / 2)
    ratio, entropy = float(uncertainty_ratio(full.pair, *full.at)[0]), one(full.matrices.entropy)
    assert ratio == pytest.approx(36.597, abs=5e-4)
    assert float(steady_state_bound(entropy)[0]) == pytest.approx(36.833, abs=5e-4)
    assert float(exchange_bound(entropy)[0]) <= ratio


def test_at_the_best_time_of_a_cold_qubit_at_T_1_the_ratio_is_e():
    """Var/Q^2 = 1/Q - 1 where one heat alone is left, and Q = p_B = 1/(1 + e)."""
    best = np.arctan2(2 * np.sqrt(product(one(2), one(1)).populations[0, 3]), 0.377541 - 0.268941) / 2
    case = optimal(2, 1, 1, best)
    assert float(uncertainty_ratio(case.pair, *case.at)[0]) == pytest.approx(np.e, abs=1e-5)


temperatures = st.floats(0.3, 4)
angles = st.floats(0.02, 3.1)
phases = st.floats(-3, 3)


@given(temperatures, temperatures, st.floats(0.05, 1), angles, phases, phases, st.booleans())
@examples(60)
def test_closed_forms_are_those_of_matrices(T_A, T_B, share, angle, phase, phi_V, optimally):
    case = (optimal if optimally else bounded)(T_A, T_B, share * (1 if optimally else 0.99), angle, phase, phi_V)
    matrices = case.matrices
    for scheme in ("two-point", "margenau-hill", "bayesian"):
        joint = getattr(matrices, scheme.replace("-", "_"))
        assert case.probabilities(scheme) == pytest.approx(matrices.heats(joint), abs=MATRICES)
        found = float(variance_of_exchange(case.pair, *case.at, scheme)[0])
        assert found == pytest.approx(matrices.variance(joint), abs=MATRICES)
        assert heat_distribution(joint) == pytest.approx(case.probabilities(scheme), abs=MATRICES)
        assert float(variance_of_heat(joint)) == pytest.approx(matrices.variance(joint), abs=1e-12)
        if scheme != "two-point":
            after = matrices.U @ matrices.rho @ matrices.U.conj().T
            gained = ((after - matrices.rho).diagonal().real * A_OF).sum()
            assert float(mean_of_heat(joint)) == pytest.approx(gained, abs=MATRICES)
    for scheme, value in matrices.averages.items():
        assert case.average(scheme) == pytest.approx(value, abs=MATRICES)


@given(st.integers(0, 2**32 - 1))
@examples(40)
def test_margenau_hill_of_two_arms_holds_for_whatever_channel_follows(seed):
    """Re q(i -> f) = P(i, f) + (p_f - p_f without coherence)/2, and not for unitary exchanges alone."""
    rng = np.random.default_rng(seed)
    kraus = rng.normal(size=(3, 4, 4)) + 1j * rng.normal(size=(3, 4, 4))
    total = np.einsum("kji,kjl->il", kraus.conj(), kraus)
    values, vectors = np.linalg.eigh(total)
    kraus = kraus @ (vectors / np.sqrt(values)) @ vectors.conj().T  # trace preserving
    rho = optimal(rng.uniform(0.5, 3), rng.uniform(0.5, 3), rng.uniform(0, 1), 0.0).pair.matrix[0]

    def channel(state):
        return np.einsum("kij,jl,kml->im", kraus, state, kraus.conj())

    levels = [np.diag(row).astype(complex) for row in np.eye(4)]
    final = np.stack([channel(level).diagonal().real for level in levels])
    read_twice = two_point(rho.diagonal().real, np.eye(4), final)
    dephased = channel(np.diag(rho.diagonal())).diagonal().real
    found = with_coherence(read_twice, channel(rho).diagonal().real, dephased)
    symmetric = np.array([[channel((P @ rho + rho @ P) / 2).diagonal().real[f] for f in range(4)] for P in levels])
    assert found == pytest.approx(symmetric, abs=1e-12)


@given(st.floats(0, 60))
@examples(60)
def test_the_bound_of_an_exchange_solves_its_equation(entropy):
    bound = float(exchange_bound(one(entropy))[0])
    if entropy < 1e-9:
        assert bound > 1e8
        return
    x = np.arcsinh(1 / np.sqrt(bound))
    assert x * np.tanh(x) == pytest.approx(entropy / 2, rel=1e-8)
    assert bound <= float(steady_state_bound(one(entropy))[0]) * (1 + 1e-9)


@given(temperatures, temperatures, angles)
@examples(40)
def test_without_correlation_the_exchange_bound_holds(T_A, T_B, angle):
    case = bounded(T_A, T_B, 0.0, angle)
    entropy = case.matrices.entropy
    if abs(entropy) > 1e-6:
        ratio = float(uncertainty_ratio(case.pair, *case.at)[0])
        assert ratio >= float(exchange_bound(one(entropy))[0]) * (1 - 1e-9)


@pytest.mark.parametrize("T", [(1e-3, 2.0), (1e-3, 1e-3), (np.inf, 1.0), (-2.0, 1.0), (np.inf, np.inf)])
def test_temperatures_at_their_limits_have_averages(T):
    """What vanishes in floating point has no weight and no share."""
    case = optimal(*T, 1.0, 0.4)
    for scheme in ("jarzynski-wojcik", "classical-correlation", "quantum"):
        assert 0 < case.average(scheme) < 2
    assert not np.isnan(case.probabilities("bayesian")).any()
