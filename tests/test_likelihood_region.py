"""Ends of likelihood intervals where the boundary of state space, unseen outcomes or a thin zero set matter."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from scipy.special import chdtri
from test_intervals import alone, counts_of

from analysis import Methods
from analysis.data import Counts
from analysis.intervals import (
    coordinates,
    estimates,
    extremes,
    incoherent_p_value,
    least_share,
    product_p_value,
    region_of,
    view,
)
from analysis.quantities import pair_observables
from analysis.tomography import maximum_likelihood
from protocols.heat_exchange import HeatExchange
from protocols.pauli import outcome_probabilities, pauli_matrix
from protocols.quantities import (
    entropy,
    entropy_gradient,
    geometric_discord,
    geometric_discord_gradient,
    mutual_information,
    mutual_information_gradient,
    purity,
    purity_gradient,
    signed_concurrence,
)

NINE = ("XX", "XY", "XZ", "YX", "YY", "YZ", "ZX", "ZY", "ZZ")
COLD = np.diag(np.kron([0.924, 0.076], [0.982, 0.018])).astype(complex)


def coherent(p_01, p_10):
    """|00> and a superposition of |01> and |10>."""
    amplitude = np.array([0, np.sqrt(p_01), np.sqrt(p_10), 0])
    return np.diag([1 - p_01 - p_10, 0, 0, 0]) + np.outer(amplitude, amplitude) + 0j


def unequal(rho, repetitions, seed, bases=NINE):
    """50000 shots of ZZ and 100 of the other settings: B is hardly ever seen excited."""
    p = np.stack([outcome_probabilities(rho, basis) for basis in bases])
    shots = np.array([50000 if basis == "ZZ" else 100 for basis in bases])
    p = np.clip(p, 0, 1)
    drawn = np.random.default_rng(seed).multinomial(shots, p / p.sum(-1, keepdims=True), size=(repetitions, len(p)))
    return Counts(
        bases=bases,
        observed=drawn[:, None],
        weight=np.ones((repetitions, 1)),
        calibration=np.zeros((4, 4), dtype=int),
    )


def test_settings_of_very_unequal_shots_cover_a_mutual_information_of_an_outcome_not_seen():
    """100 runs; I = 1.55e-4 nat. A threshold from observed variances has 2e-5 .. 6e-4 and covers half of them."""
    rho = coherent(1.2e-5, 0.6465)
    data = unequal(rho, 100, seed=177)
    region = region_of(data, maximum_likelihood(data.reading))
    low, high = extremes(region, mutual_information, mutual_information_gradient)
    truth = mutual_information(rho)
    assert truth == pytest.approx(1.552e-4, rel=1e-3)
    assert (low <= truth).all()
    assert (high < truth).sum() <= 9  # 5 % of 100, p = 0.03


def test_no_state_that_the_likelihood_allows_lies_beyond_the_ends():
    """A family of explicit states: |00>, |01> and |10> with as much coherence as there can be."""
    data = unequal(coherent(1.2e-5, 0.6465), 8, seed=5)
    region = region_of(data, maximum_likelihood(data.reading))
    _, high = extremes(region, mutual_information, mutual_information_gradient)
    top = region.likelihood.value(region.best)
    for p in 10 ** np.linspace(-6, -2, 60):
        rho = np.repeat(coherent(p, 0.6465)[None], 8, axis=0)
        r = coordinates(rho, region.likelihood.basis)
        allowed = top - region.likelihood.value(r) < 1.92
        assert (mutual_information(rho)[allowed] <= 1.02 * high[allowed]).all()


def test_one_member_has_the_threshold_of_wilks_and_a_calibration_only_adds_noise():
    data = counts_of(COLD, 1000, 3, seed=1)
    region = region_of(data, maximum_likelihood(data.reading))
    assert region.covariance is region.inverse
    calibrated = Counts(
        bases=data.bases,
        observed=data.observed,
        weight=data.weight,
        calibration=np.full((4, 4), 10) + np.diag([970] * 4),
    )
    region = region_of(calibrated, maximum_likelihood(calibrated.reading))
    assert (np.linalg.eigvalsh(region.covariance - region.inverse) > -1e-9 * np.abs(region.inverse).max()).all()


def test_many_alike_members_have_the_same_noise_as_one():
    """Four members with the state of the mixture and a quarter of the shots each, exact frequencies."""
    p = np.stack([outcome_probabilities(0.9 * COLD + 0.1 * np.eye(4) / 4, basis) for basis in NINE])
    counts = np.rint(4000 * p).astype(int)
    together, apart = (
        Counts(
            bases=NINE,
            observed=np.repeat(counts[None] // members, members, axis=0)[None],
            weight=np.full((1, members), 1 / members),
            calibration=np.zeros((4, 4), dtype=int),
        )
        for members in (1, 4)
    )
    regions = [region_of(data, maximum_likelihood(data.reading)) for data in (together, apart)]
    ratio = np.diagonal(regions[1].covariance[0]) / np.diagonal(regions[0].covariance[0])
    np.testing.assert_allclose(ratio, 1, atol=0.03)


@pytest.mark.parametrize(("function", "gradient"), [(entropy, entropy_gradient), (purity, purity_gradient)])
def test_a_pure_state_may_be_pure(function, gradient):
    """100 runs of 1000 shots at 95 %: 13 misses have p = 1e-3."""
    psi = np.array([0.7, 0.2j, 0.3, 0.4]) / np.linalg.norm([0.7, 0.2, 0.3, 0.4])
    rho = np.outer(psi, psi.conj())
    data = counts_of(rho, 1000, 100, seed=4)
    region = region_of(data, maximum_likelihood(data.reading))
    bias = np.full(100, 1.0 if function is entropy else -1.0)
    low, high = extremes(region, function, gradient, bias)
    truth = function(rho)
    assert ((low <= truth + 1e-9) & (truth <= high + 1e-9)).sum() > 87


def test_the_least_geometric_discord_is_sought_in_every_valley():
    """Populations well known, coherence not, and beyond what they allow in some data: the measurement that is best at
    the estimate leads to another valley than the least value. All coherence smaller together is one way down."""
    experiment = HeatExchange(
        T_A=1.3, T_B=0.7, correlation="coherent", alpha=-0.1102, coupling_phase=np.pi / 2, time=[0.0]
    )
    data = unequal(experiment.state(experiment.points())[0], 60, 21, ("ZZ", "XX", "YY", "XY", "YX"))
    states = maximum_likelihood(data.reading)
    region = region_of(data, states)
    arguments = partial(geometric_discord, side=0), partial(geometric_discord_gradient, side=0)
    low, high = extremes(region, *arguments, downhill=mutual_information_gradient)
    top = region.likelihood.value(region.best)
    for share in np.linspace(0, 1, 41):
        rho = states * (share + (1 - share) * np.eye(4))
        value = geometric_discord(rho, 0)
        allowed = top - region.likelihood.value(coordinates(rho, region.likelihood.basis)) < 1.92
        assert (low - value)[allowed].max(initial=-1) <= 0.06 * np.median(high - low)
    nearest, _ = extremes(region, *arguments)
    assert (low <= nearest + 1e-12).all()
    assert (nearest > low + 0.03 * (high - low)).any(), "these data have no such valleys"


def test_what_is_seen_of_a_distance_is_there_to_the_share_that_is_said():
    """600 runs of 400 shots: noncentral chi-square of nine correlations. Its true noncentrality is at least
    the share of chi-square in 95 %: 570, and 548..590 hold all but 1e-4 of the distribution."""
    mutual = next(o for o in pair_observables(("A", "B"), "AB") if o.name == "mutual_information")
    correlated = HeatExchange(correlation="coherent", alpha=-0.06, T_A=2.0, T_B=1.0, time=[0.0])
    rho = correlated.state(correlated.points())[0]
    data = counts_of(rho, 400, 600, seed=31)
    share, p = least_share(data, mutual), product_p_value(data)
    assert ((share == 0) == (p > 0.05)).all()
    chi_square = chdtri(9, p)
    truth = 400 * chi_square_of_a_shot(rho)
    assert 548 <= (share * chi_square <= truth).sum() <= 590
    many = counts_of(rho, 40_000, 1, seed=33)
    assert least_share(many, mutual)[0] > 0.8, "with many shots nearly all of it"


def chi_square_of_a_shot(rho):
    """v^T S^-1 v of the correlations, S their covariance from one shot in each of nine settings, by hand."""
    mean = {word: np.trace(rho @ pauli_word(word)).real for word in (a + b for a in "IXYZ" for b in "IXYZ")}
    pairs = [a + b for a in "XYZ" for b in "XYZ"]
    v = np.array([mean[w] - mean[w[0] + "I"] * mean["I" + w[1]] for w in pairs])
    S = np.zeros((9, 9))
    for a in "XYZ":
        for b in "XYZ":
            # gains of the outcomes of this setting: the joint moment, and a third of each local one
            signs = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])
            gain = np.zeros((9, 4))
            for k, (c, d) in enumerate(pairs):
                gain[k] += (c + d == a + b) * signs[:, 0] * signs[:, 1]
                gain[k] -= (c == a) * signs[:, 0] / 3 * mean["I" + d] + (d == b) * signs[:, 1] / 3 * mean[c + "I"]
            p = outcome_probabilities(rho, a + b)
            S += gain @ (np.diag(p) - np.outer(p, p)) @ gain.T
    return float(v @ np.linalg.solve(S, v))


def pauli_word(word):
    return np.kron(pauli_matrix(word[0]), pauli_matrix(word[1]))


def test_no_coherence_at_the_reference_is_no_nonclassicality_later():
    """100 runs of |10> with 400 shots: its Kirkwood-Dirac quasiprobability is classical; 13 misses have p = 1e-3."""
    experiment = HeatExchange(T_A=2.0, T_B=1.0, time=[0.0, 6.0])
    points = experiment.points()
    before = np.diag([0, 0, 1, 0]).astype(complex)
    angle = float(points.parameters["coupling"][0]) * 6.0
    psi = np.array([0, -1j * np.sin(angle), np.cos(angle), 0])
    later = np.outer(psi, psi.conj())
    data = interleaved(counts_of(before, 400, 100, seed=41), counts_of(later, 400, 100, seed=42))
    cells = view(points, 100, *(np.tile(np.stack([before, later]), (100, 1, 1, 1)),) * 2)
    kirkwood = [o for o in experiment.observables(points) if o.name == "kirkwood_dirac_nonclassicality"]
    (found,) = estimates(kirkwood, data, cells, Methods(draws=60), 5)
    assert (found.low[1::2] > 0).sum() <= 12
    assert (found.value[1::2] > 0).all(), "noise is nonclassical"


def interleaved(first, second):
    """Cells of two data sets in turn."""
    both = np.stack([first.observed, second.observed], axis=1)
    return replace(first, observed=both.reshape(-1, *both.shape[2:]), weight=np.repeat(first.weight, 2, axis=0))


def test_a_state_without_coherence_is_rejected_as_often_as_said():
    """600 runs of 400 shots: 5 % are 30, and 12..54 hold all but 2e-4 of the binomial distribution."""
    data = counts_of(COLD, 400, 600, seed=2)
    for words in (None, ["XI", "YI"]):
        assert 12 <= (incoherent_p_value(data, words) < 0.05).sum() <= 54
    coherent_pair = counts_of(0.5 * COLD + 0.5 * coherent(0.2, 0.2), 400, 200, seed=3)
    assert (incoherent_p_value(coherent_pair) < 0.05).sum() > 190


@pytest.mark.parametrize("bases", [NINE, ("ZZ", "XX", "YY", "XY", "YX")], ids=["nine", "five"])
def test_a_cold_product_pair_is_covered(bases):
    """80 runs of 200 shots at 95 %: 12 misses have p = 1e-3. Profiles alone cover coherence in 65 % of runs and the
    signed concurrence, whose four Wootters values are equal, in 60 to 77 %."""
    data = counts_of(COLD, 200, 80, seed=11, bases=bases)
    names = ("coherence_relative_entropy", "signed_concurrence", "mutual_information")
    kept = [o for o in pair_observables("AB") if o.name in names and o.subject == "AB"]
    truths = {"signed_concurrence": float(signed_concurrence(COLD))}
    for one in estimates(kept, data, alone(80), Methods(draws=60), 1):
        truth = truths.get(one.observable.name, 0.0)
        missed = (one.low > truth + 1e-9) | (one.high < truth - 1e-9)
        assert missed.sum() < 12, one.observable.name


def test_entanglement_is_not_claimed_of_a_pure_product_state():
    """100 runs of 500 shots of |00>: profiles and draws alone claim it in 11 %, here 13 have p = 1e-3."""
    data = counts_of(np.diag([1.0, 0, 0, 0]) + 0j, 500, 100, seed=12)
    kept = [o for o in pair_observables("AB") if o.name in ("concurrence", "negativity", "coherence_l1")]
    for one in estimates([o for o in kept if o.subject == "AB"], data, alone(100), Methods(draws=60), 1):
        assert (one.low > 0).sum() < 13, one.observable.name
