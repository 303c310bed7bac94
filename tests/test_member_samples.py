"""Observables that ask for frequencies of each member, or for joint outcomes of ancillas: value, draws and ideal.

Truth is a closed form of the same numbers the circuits were made of. A value lies within 4.5 of its true standard
errors; with the 10 values looked at, a faultless suite fails in 7e-5 of all choices of seeds.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analysis.data import Counts, read
from analysis.evaluation import ideal_values
from analysis.intervals import Cells, Estimate, Methods, estimates, exact_resolved, stored_cells
from devices import execute, open_device
from protocols import Experiment, Observable, RequestError, Sample, compile
from protocols.coherence_reversal import CoherenceReversal
from protocols.heat_exchange import HeatExchange
from protocols.pair import excited_population
from protocols.program import drawn

SIGMA = 4.5
SHOTS = 20_000
EXCITED_A, EXCITED_B = [1, 3], [1, 3]
"""Members with A excited, |10> and |11>, and outcomes with B excited, 01 and 11."""


def measured(tmp_path, experiment: Experiment, bases: str, observable: Observable, **options: str):
    """The estimate of one observable from a run on `exact`, its ideal, and the data."""
    points = experiment.points(options, "measured")
    program = compile(experiment, points, shots=SHOTS, bases=bases)
    record = execute(program, open_device("exact"), runs=tmp_path, seed=3)
    assert observable.resolved is not None
    data = read(record, readout_correction=True, joint=[observable.resolved])
    exact = exact_resolved(experiment, points, program.bases, observable.resolved)
    cells = replace(
        stored_cells(record.points, len(points.arms), record.ideal()), resolved={observable.resolved: exact}
    )
    found = estimates([observable], data, cells, Methods(draws=400), data.seed)[0]
    return found, ideal_values([observable], cells)[0], data, cells


# ---- members: the energy of B, given that A was prepared excited ----


def energy_of_B_given_A(sample: Sample) -> np.ndarray:
    """Members of an uncorrelated pair, A the hotter, are |00>, |10>, |01>, |11>: two of them have A excited."""
    seen = sample.resolved[()]
    energy = seen.of_setting("ZZ")[..., EXCITED_B, 0].sum(axis=-1)
    weight = seen.weight[..., EXCITED_A]
    return (weight * energy[..., EXCITED_A]).sum(axis=-1) / weight.sum(axis=-1)


GIVEN = drawn("energy_given_A_excited", "B", ("IZ",), energy_of_B_given_A, unit="gap", resolved=())


def exchange() -> HeatExchange:
    return HeatExchange(correlation="none", T_A=2.0, T_B=1.0, time=np.array([0.0, 2.0, 5.0, 7.0]))


def true_energy(experiment: HeatExchange, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """p_B + (1 - p_B) sin^2, for an excitation of A hops over with probability sin^2, and the chance of it."""
    hops = np.sin(np.asarray(experiment.coupling) * at) ** 2
    p_B = float(excited_population(np.array(1.0)))
    return p_B + (1 - p_B) * hops, hops


def test_the_energy_of_B_given_the_member_of_A(tmp_path):
    experiment = exchange()
    found, ideal, data, cells = measured(tmp_path, experiment, "ZZ", GIVEN)
    assert isinstance(data, Counts)
    true, hops = true_energy(experiment, cells.parameters["time"])
    np.testing.assert_allclose(ideal, true, atol=1e-12)
    assert data.weight.shape[1] == 4
    # of the two members only |10> scatters; a binomial of its own shots
    share = data.weight[:, 1] / data.weight[:, EXCITED_A].sum(axis=1)
    stderr = share * np.sqrt(hops * (1 - hops) / data.shots[:, 1, 0])
    scatters = hops > 1e-9
    assert scatters.sum() == 3
    assert np.abs((found.value - true)[scatters] / stderr[scatters]).max() < SIGMA
    # 400 draws know a standard deviation to 3.5 %; one count of what may have gone unseen is added to it
    np.testing.assert_allclose(found.stderr[scatters], stderr[scatters], rtol=0.2)
    assert np.all(found.low <= true + 1e-9)
    assert np.all(found.high >= true - 1e-9)


def test_draws_of_members_do_not_change_the_others(tmp_path):
    """What is asked for beside them leaves all other draws as they are."""
    _, _, data, _ = measured(tmp_path, exchange(), "ZZ", GIVEN)
    plain, asked = data.draw(5, range(50)), data.draw(5, range(50), resolved=[()])
    assert isinstance(data, Counts)
    np.testing.assert_array_equal(plain.read, asked.read)
    mean = asked.resolved[()].averaged()[..., 0]
    # all members together are what is estimated from
    np.testing.assert_allclose(mean, asked.corrected(), atol=1e-12)


def test_the_mean_of_the_members_is_what_is_estimated_from(tmp_path):
    _, _, data, _ = measured(tmp_path, exchange(), "ZZ", GIVEN)
    assert isinstance(data, Counts)
    np.testing.assert_allclose(
        data.resolved_frequencies(()).averaged()[..., 0], data.frequencies.corrected(), atol=1e-12
    )


# ---- joint outcomes: two ancillas of a cascade, each met once ----

PAIR = ("bath_1", "bath_2")


def both_excited(sample: Sample) -> np.ndarray:
    """Probability that the first and the second ancilla come out excited."""
    return sample.resolved[PAIR].averaged()[..., 0, :, 3].sum(axis=-1)


def covariance(sample: Sample) -> np.ndarray:
    """Of the two bits: sums over a register do not have it."""
    p = sample.resolved[PAIR].averaged()[..., 0, :, :].sum(axis=-2)
    return p[..., 3] - (p[..., 2] + p[..., 3]) * (p[..., 1] + p[..., 3])


def cascade(tmp_path, of) -> tuple[Estimate, np.ndarray, Counts, Cells]:
    experiment = CoherenceReversal(T_S=2.0, T_B=1.0, coherence=0.7, angle=0.9, collisions=2)
    asked = drawn("joint", "bath", ("bath",), of, resolved=PAIR)
    found, ideal, data, cells = measured(tmp_path, experiment, "ZZ", asked)
    assert isinstance(data, Counts)
    return found, ideal, data, cells


def test_two_ancillas_excited_together(tmp_path):
    found, ideal, data, cells = cascade(tmp_path, both_excited)
    exact = cells.resolved[PAIR]
    p = exact.of_setting("ZZ")[..., 3].sum(axis=-1)
    # multinomial in every member; where nothing is exchanged the member says how both ancillas come out
    stderr = np.sqrt((exact.weight**2 * p * (1 - p) / data.shots[:, :, 0]).sum(axis=1))
    scatters = stderr > 1e-6
    assert scatters.tolist() == [True, False]
    np.testing.assert_allclose(found.value[~scatters], ideal[~scatters], atol=1e-12)
    # independent ancillas, each excited as its bath is
    assert ideal[~scatters] == pytest.approx(excited_population(np.array(1.0)) ** 2, abs=1e-12)
    assert np.abs((found.value - ideal)[scatters] / stderr[scatters]).max() < SIGMA
    np.testing.assert_allclose(found.stderr[scatters], stderr[scatters], rtol=0.2)


def test_the_joint_outcomes_agree_with_the_sums(tmp_path):
    """Energies of a register are sums over the same bits."""
    _, _, data, _ = cascade(tmp_path, both_excited)
    p = data.resolved_frequencies(PAIR).averaged()[:, 0].sum(axis=-2)
    mean = (p[:, 1] + p[:, 2]) / 2 + p[:, 3]
    np.testing.assert_allclose(mean, data.moments["bath"], atol=1e-12)


def test_ancillas_of_one_cascade_are_correlated(tmp_path):
    """Both met the same pair: their bits are not independent, which no sum could tell from this run alone."""
    found, ideal, _, cells = cascade(tmp_path, covariance)
    moved = np.isfinite(ideal) & (cells.home != np.arange(len(cells.home)))
    assert moved.any()
    assert np.abs((found.value - ideal)[moved] / found.stderr[moved]).max() < SIGMA
    assert np.abs(ideal[moved] / found.stderr[moved]).max() > SIGMA


def test_resolved_frequencies_are_drawn_or_stratified_never_propagated_as_moments():
    with pytest.raises(ValueError, match="drawn"):
        replace(GIVEN, interval="multinomial")
    assert replace(GIVEN, interval="stratified").interval == "stratified"
    with pytest.raises(ValueError, match="that other arms read"):
        replace(GIVEN, interval="stratified", resolved=PAIR)


def test_expectation_values_have_no_members():
    from analysis.data import Expectations

    data = Expectations(words=("ZI",), value=np.zeros((1, 1)), stderr=np.ones((1, 1)))
    with pytest.raises(RequestError, match="counts"):
        data.resolved_frequencies(())
