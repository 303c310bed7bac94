"""Maximum likelihood against an independent convex solver, against its own certificate, and against construction."""

import itertools

import cvxpy
import numpy as np
import pytest

from analysis.data import Counts, Frequencies, chunks
from analysis.tomography import (
    ESTIMATORS,
    family_basis,
    fit,
    linear_inversion,
    maximise,
    maximum_likelihood,
    per_member,
    positive_definite,
    quasi_likelihood_of,
)
from protocols import RequestError
from protocols.heat_exchange import HeatExchange
from protocols.pauli import assumption, outcome_probabilities, parse_bases

SIGMA = {
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}
FULL = ["".join(letters) for letters in itertools.product("XYZ", repeat=2)]


def effects(bases):
    """Projectors (settings, 4, 4, 4), built from the Pauli matrices and nothing of ours."""
    table = []
    for basis in bases:
        halves = [[(np.eye(2) + sign * SIGMA[letter]) / 2 for sign in (1, -1)] for letter in basis]
        table.append([np.kron(a, b) for a in halves[0] for b in halves[1]])
    return np.array(table)


def random_state(rng, rank):
    g = rng.normal(size=(4, rank)) + 1j * rng.normal(size=(4, rank))
    rho = g @ g.conj().T
    return rho / np.trace(rho).real


def random_confusion(rng, worst=0.08):
    rows = np.eye(4) + rng.uniform(0, worst, size=(4, 4))
    return (rows / rows.sum(axis=1, keepdims=True)).T


def x_part(rho):
    keep = np.eye(4) + np.fliplr(np.eye(4))
    return rho * keep


def counts_of(rho, bases, rng, shots, confusion=None, weights=(1.0,)):
    """One cell; every member has the same state, which is all that the estimators could tell anyway."""
    read = np.array([outcome_probabilities(rho, basis) for basis in bases])
    if confusion is not None:
        read = read @ confusion.T
    read = np.clip(read, 0, None)
    observed = rng.multinomial(shots, read / read.sum(axis=1, keepdims=True), size=None)
    return Counts(
        bases=tuple(bases),
        observed=np.broadcast_to(observed, (1, len(weights), *observed.shape)),
        weight=np.array([weights]),
        calibration=np.zeros((4, 4), dtype=int) if confusion is None else np.round(1e9 * confusion.T).astype(int),
    )


class Independent:
    """The same problem for an interior-point solver of cones that shares no line with ours."""

    def __init__(self, family="full"):
        self.rho = cvxpy.Variable((4, 4), hermitian=True)
        self.constraints = [self.rho >> 0, cvxpy.real(cvxpy.trace(self.rho)) == 1]
        if family != "full":
            outside = [(0, 1), (0, 2), (1, 3), (2, 3), *([(0, 3)] if family == "minimal" else [])]
            self.constraints += [self.rho[i, j] == 0 for i, j in outside]

    def solve(self, counts, seen):
        weights = counts.ravel() / counts.sum()
        flat = seen.reshape(-1, 4, 4)
        kept = weights > 0
        p = cvxpy.hstack([cvxpy.real(cvxpy.trace(effect @ self.rho)) for effect in flat[kept]])
        problem = cvxpy.Problem(cvxpy.Maximize(weights[kept] @ cvxpy.log(p)), self.constraints)
        tight = dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas"), 1e-12)
        with np.errstate(all="ignore"):
            problem.solve(solver="CLARABEL", max_iter=200, **tight)
        return self.rho.value


def bound(rho, counts, seen):
    """N (lambda_max(R) - 1), Glancy, Knill and Girard 2012, from effects of our own making."""
    p = np.einsum("soij,ji->so", seen, rho).real
    ratio = np.where(counts > 0, counts / np.where(counts > 0, p, 1), 0)
    return np.linalg.eigvalsh(np.einsum("so,soij->ij", ratio, seen))[-1] - counts.sum()


def case(number):
    """A data set, its seed being its number: ranks 1..4, equal and unequal shots, with and without readout error."""
    rng = np.random.default_rng(number)
    rho = random_state(rng, 1 + number % 4)
    if number % 5 == 4:
        experiment = HeatExchange(time=[3.0 + number % 7], strength=1.0 if number % 2 else 0.9)
        rho = experiment.state(experiment.points({}, "nominal"))[0]
    elif number % 3 == 0:
        rho = 0.9 * rho + 0.1 * np.eye(4) / 4
    shots = rng.integers(60, 6000, size=9) if number % 2 else np.full(9, 4096)
    confusion = random_confusion(rng) if (number // 4) % 2 else None
    return counts_of(rho, FULL, rng, shots, confusion)


def seen_effects(counts, bases=FULL):
    found = counts.frequencies
    return np.einsum("ro,soij->srij", found.confusion, effects(bases)), found


@pytest.mark.parametrize(
    "first", [0, 25, *(pytest.param(first, marks=pytest.mark.slow) for first in range(50, 200, 25))]
)
@pytest.mark.filterwarnings("ignore")
def test_it_agrees_with_an_independent_convex_solver(first):
    other = Independent()
    for number in range(first, first + 25):
        counts = case(number)
        seen, found = seen_effects(counts)
        ours = fit(found)
        assert ours.gap[0] <= 1e-6
        weighted = counts.observed[0, 0]
        assert abs(bound(ours.states[0], weighted, seen) - ours.gap[0]) < 1e-6
        expected = other.solve(weighted, seen)
        distance = np.abs(np.linalg.eigvalsh(ours.states[0] - expected)).sum() / 2
        assert distance < 1e-4, (number, distance)


@pytest.mark.parametrize("family", ["x-state", "minimal"])
@pytest.mark.filterwarnings("ignore")
def test_it_agrees_in_the_families_too(family):
    bases, other = parse_bases(family, 2), Independent(family)
    for number in range(20):
        rng = np.random.default_rng(number)
        rho = x_part(random_state(rng, 1 + number % 4))
        if family == "minimal":
            rho[0, 3] = rho[3, 0] = 0
        shots = rng.integers(60, 6000, size=len(bases))
        counts = counts_of(rho, bases, rng, shots, random_confusion(rng) if number % 2 else None)
        seen, found = seen_effects(counts, bases)
        ours = fit(found)
        assert ours.gap[0] <= 1e-6
        expected = other.solve(counts.observed[0, 0], seen)
        assert np.abs(np.linalg.eigvalsh(ours.states[0] - expected)).sum() / 2 < 1e-4


@pytest.mark.parametrize("preset", ["holdsworth", "micadei", "micadei-uncorrelated"])
@pytest.mark.parametrize("bases", ["full", "x-state", "minimal"])
def test_every_draw_is_certified(preset, bases):
    from protocols.program import build

    experiment = build(HeatExchange, {**HeatExchange.presets[preset].values, "time": "0:20:5"})
    points = experiment.points({}, "nominal")
    rng = np.random.default_rng(3)
    words = parse_bases(bases, 2)
    for shots in (30, 1000, 50_000):
        cells = [counts_of(rho, words, rng, shots, random_confusion(rng, 0.03)) for rho in experiment.state(points)]
        counts = Counts(
            bases=words,
            observed=np.concatenate([c.observed for c in cells]),
            weight=np.ones((len(cells), 1)),
            calibration=np.round(4096 * random_confusion(rng, 0.03).T).astype(int),
        )
        for chunk in chunks(100):
            drawn = counts.draw(1, chunk)
            found = fit(drawn)
            assert found.gap.max() <= 1e-3
            assert np.linalg.eigvalsh(found.states).min() > -1e-12
            np.testing.assert_allclose(np.trace(found.states, axis1=1, axis2=2), 1, atol=1e-12)


def test_exact_frequencies_give_back_the_state_through_any_readout():
    rng = np.random.default_rng(8)
    for rank in (1, 2, 3, 4):
        rho, confusion = random_state(rng, rank), random_confusion(rng)
        read = np.array([confusion @ outcome_probabilities(rho, basis) for basis in FULL])
        found = Frequencies(
            bases=tuple(FULL),
            read=read[None],
            confusion=confusion,
            shots=np.full((1, 9), 1e6),
            strata=np.zeros((1, 1, 9, 4), dtype=int),
            weight=np.ones((1, 1)),
        )
        # the likelihood is flat to second order: 1e-9 nat of 9e6 shots is 1e-8 in the state
        np.testing.assert_allclose(maximum_likelihood(found)[0], rho, atol=1e-6)


def test_a_planted_confusion_matrix_is_seen():
    """The wrong one makes the estimate worse by far more than the noise; swapped qubits and outcomes too."""
    rng = np.random.default_rng(4)
    rho = random_state(rng, 2)
    confusion = random_confusion(rng, 0.15)
    counts = counts_of(rho, FULL, rng, np.full(9, 100_000), confusion)
    found = counts.frequencies

    def distance(confusion):
        again = Frequencies(
            bases=found.bases,
            read=found.read,
            confusion=confusion,
            shots=found.shots,
            strata=found.strata,
            weight=found.weight,
        )
        return np.abs(np.linalg.eigvalsh(maximum_likelihood(again)[0] - rho)).sum() / 2

    swap = [0, 2, 1, 3]
    right = distance(found.confusion)
    for wrong in (np.eye(4), found.confusion.T, found.confusion[::-1, ::-1], found.confusion[swap][:, swap]):
        assert distance(wrong) > 5 * right


def test_weighted_members_count_as_their_effective_shots():
    """Two members of one state with optimal shots are one member with all of them."""
    rng = np.random.default_rng(6)
    rho = random_state(rng, 3)
    one = rng.multinomial(3000, [outcome_probabilities(rho, b) for b in FULL])
    two = rng.multinomial(1000, [outcome_probabilities(rho, b) for b in FULL])
    split = Counts(
        bases=tuple(FULL),
        observed=np.stack([one, two])[None],
        weight=np.array([[0.75, 0.25]]),
        calibration=np.zeros((4, 4), dtype=int),
    )
    pooled = Counts(
        bases=tuple(FULL), observed=(one + two)[None, None], weight=np.ones((1, 1)), calibration=split.calibration
    )
    np.testing.assert_allclose(maximum_likelihood(split.frequencies), maximum_likelihood(pooled.frequencies), atol=1e-6)


def test_per_member_fits_each_member_and_adds_them_up():
    rng = np.random.default_rng(7)
    states = [random_state(rng, 4) for _ in range(2)]
    weight = np.array([[0.3, 0.7]])
    observed = np.array([[rng.multinomial(10**6, [outcome_probabilities(r, b) for b in FULL]) for r in states]])
    counts = Counts(bases=tuple(FULL), observed=observed, weight=weight, calibration=np.zeros((4, 4), dtype=int))
    alone = [
        maximum_likelihood(
            Counts(
                bases=tuple(FULL),
                observed=observed[:, [m]],
                weight=np.ones((1, 1)),
                calibration=counts.calibration,
            ).frequencies
        )[0]
        for m in range(2)
    ]
    np.testing.assert_allclose(per_member(counts.frequencies)[0], 0.3 * alone[0] + 0.7 * alone[1], atol=1e-9)
    # draws too
    drawn = per_member(counts.draw(1, chunks(5)[0]))
    assert drawn.shape == (5, 1, 4, 4)


def test_a_cell_without_all_settings_has_no_state():
    rng = np.random.default_rng(1)
    good = counts_of(random_state(rng, 2), FULL, rng, np.full(9, 100))
    observed = np.concatenate([good.observed, good.observed])
    observed[1, 0, 4] = 0
    counts = Counts(bases=good.bases, observed=observed, weight=np.ones((2, 1)), calibration=good.calibration)
    for name, estimator in ESTIMATORS.items():
        if name != "linear-inversion":
            found = estimator(counts.frequencies)
            assert np.isfinite(found[0]).all()
            assert np.isnan(found[1]).all()


def test_settings_without_a_state_are_refused():
    counts = counts_of(np.eye(4) / 4, ["ZZ"], np.random.default_rng(1), [100])
    for estimator in ESTIMATORS.values():
        with pytest.raises(RequestError, match="ZZ does not"):
            estimator(counts.frequencies)


def test_maximum_likelihood_is_never_less_likely_than_linear_inversion():
    for number in range(40):
        counts = case(number)
        _, found = seen_effects(counts)
        seen = np.einsum("ro,soij->srij", found.confusion, effects(FULL))

        def value(rho, seen=seen, n=counts.observed[0, 0]):
            p = np.clip(np.einsum("soij,ji->so", seen, rho).real, 1e-300, None)
            return (n * np.log(p)).sum()

        assert value(maximum_likelihood(found)[0]) >= value(linear_inversion(found)[0]) - 1e-6


@pytest.mark.parametrize(("family", "parameters"), [("full", 16), ("x-state", 8), ("minimal", 6)])
def test_a_family_is_an_algebra_with_an_orthonormal_basis(family, parameters):
    basis = family_basis(family)
    assert len(basis) == parameters
    np.testing.assert_allclose(np.einsum("iab,jba->ij", basis, basis), np.eye(parameters), atol=1e-12)
    products = np.einsum("iab,jbc->ijac", basis, basis)
    inside = np.einsum("ijab,kba->ijk", products, basis)
    np.testing.assert_allclose(np.einsum("ijk,kab->ijab", inside, basis), products, atol=1e-12)
    assert assumption(parse_bases(family, 2))[0] == family


def test_few_and_very_many_shots_converge_alike():
    rng = np.random.default_rng(11)
    for shots in (1, 3, 20, 10**4, 10**9):
        for rank in (1, 2, 4):
            counts = counts_of(random_state(rng, rank), FULL, rng, np.full(9, shots))
            found = maximise(quasi_likelihood_of(counts.frequencies, 1.0 * counts.observed[:, 0]))
            assert found.gap[0] <= 1.1e-3


def test_positivity_of_matrices_with_vanishing_pivots_is_told_without_a_warning():
    tiny = np.array([[1e-300, 1e10], [1e10, 1.0]])
    fine = np.diag([1e-300, 1.0])
    assert positive_definite(np.stack([tiny, fine]).astype(complex)).tolist() == [False, True]


@pytest.mark.parametrize("fits", [1, 7])
@pytest.mark.parametrize("confused", [False, True])
@pytest.mark.parametrize("bases", ["full", "x-state", "minimal", ("X", "Y", "Z"), ("ZI", "IZ", *FULL)])
def test_newtons_step_is_that_of_the_whole_matrix(bases, confused, fits):
    rng = np.random.default_rng(11)
    bases = tuple(parse_bases(bases, 2)) if isinstance(bases, str) else bases
    size = 2 ** len(bases[0])
    counts = rng.integers(20, 200, size=(fits, len(bases), size)).astype(float)
    for setting, basis in enumerate(bases):  # the bit of a qubit that is not read is 0
        if "I" in basis and not confused:
            counts[:, setting, [outcome for outcome in range(4) if outcome >> (1 - basis.index("I")) & 1]] = 0
    confusion = np.eye(size) + 0.05 * rng.uniform(size=(size, size)) if confused else np.eye(size)
    reading = Frequencies(
        bases=bases,
        read=counts / counts.sum(axis=-1, keepdims=True),
        confusion=confusion / confusion.sum(axis=0),
        shots=counts.sum(axis=-1),
        strata=counts[:, None],
        weight=np.ones((fits, 1)),
    )
    likelihood = quasi_likelihood_of(reading, counts)
    r = 0.2 * likelihood.start()  # near the middle of state space, where every outcome has a probability
    r[:, 0] = size**-0.5
    gradient, hessian = likelihood.slopes(r)
    tilt = rng.normal(size=gradient.shape)
    found, step, _ = likelihood.newton(r, tilt)
    np.testing.assert_allclose(found, gradient + tilt, rtol=1e-12)
    np.testing.assert_allclose(likelihood.gradient(r), gradient, rtol=1e-12)
    due = np.linalg.solve(hessian[:, 1:, 1:], (gradient + tilt)[:, 1:, None])[..., 0]
    np.testing.assert_allclose(step[:, 1:], due, rtol=1e-9, atol=1e-11)
    values = likelihood.along(r, step)(np.full(fits, 0.3)), likelihood.value(r + 0.3 * step)
    np.testing.assert_allclose(*values, rtol=1e-12)
