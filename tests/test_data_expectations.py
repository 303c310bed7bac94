"""Expectation values with errors, from the file to the verdict: the same physics as counts, with Gaussian errors."""

import numpy as np
import pandas as pd
import pytest

from analysis import analyse
from analysis.data import Expectations, chunks
from analysis.tomography import fit, linear_inversion, maximum_likelihood, per_member
from devices.imports import import_file
from protocols import RequestError
from protocols.heat_exchange import HeatExchange
from protocols.pauli import assumption_of_words, pauli_matrix, words
from protocols.pauli import moments as exact_moments

WORDS = {
    "full": words(2),
    "x-state": ("ZI", "IZ", "ZZ", "XX", "YY", "XY", "YX"),
    "minimal": ("ZI", "IZ", "ZZ", "XX", "XY"),
}


def expectations_of(states, over, stderr, rng=None):
    value = np.stack(list(exact_moments(states, over).values()), axis=-1)
    noise = 0 if rng is None else rng.normal(size=value.shape) * stderr
    return Expectations(words=tuple(over), value=value + noise, stderr=np.full(value.shape, stderr))


def states_of(times, **fields):
    experiment = HeatExchange(time=times, **fields)
    return experiment.state(experiment.points({}, "nominal"))


@pytest.mark.parametrize("family", WORDS)
def test_exact_values_give_back_the_states(family):
    states = states_of([0.0, 3.0, 7.0])
    data = expectations_of(states, WORDS[family], 1e-4)
    assert data.family[0] == family
    np.testing.assert_allclose(maximum_likelihood(data), states, atol=1e-6)
    np.testing.assert_allclose(linear_inversion(data), states, atol=1e-12)


@pytest.mark.parametrize("family", WORDS)
def test_the_fit_is_the_nearest_state_in_the_metric_of_the_errors(family):
    """No state of the family is better: neither the certificate nor random directions find one."""
    rng = np.random.default_rng(3)
    data = expectations_of(states_of([0.0, 5.0]), WORDS[family], 0.02, rng)
    found = fit(data)
    assert found.gap.max() <= 1e-6
    table = np.array([pauli_matrix(word) for word in data.words])

    def chi_square(rho, cell):
        return (((np.einsum("wij,ji->w", table, rho).real - data.value[cell]) / data.stderr[cell]) ** 2).sum()

    for cell, rho in enumerate(found.states):
        best = chi_square(rho, cell)
        for other in states_of(rng.uniform(0, 30, 40), strength=0.8):
            mixed = 0.999 * rho + 0.001 * other
            assert chi_square(mixed, cell) >= best - 1e-6


def test_draws_and_linear_errors_have_the_errors_given():
    data = expectations_of(states_of([0.0, 5.0]), WORDS["x-state"], 0.01)
    drawn = np.concatenate([data.draw(1, chunk).value for chunk in chunks(2000)])
    # 2000 draws: the spread is known to 1.6 %, 5 sigma is 8 %
    np.testing.assert_allclose(drawn.std(axis=0), 0.01, rtol=0.08)
    errors = data.linear_errors(["ZI", "XX"])
    np.testing.assert_allclose(errors.shot[0], np.diag([1e-4, 1e-4]))
    minimal = expectations_of(states_of([0.0]), WORDS["minimal"], 0.01)
    twins = minimal.linear_errors(["XX", "YY"])
    np.testing.assert_allclose(twins.shot[0], 1e-4)  # one number, twice
    assert set(minimal.moments) >= {"YY", "YX"}


def test_there_are_no_members_to_fit_one_by_one():
    with pytest.raises(RequestError, match="per-member"):
        per_member(expectations_of(states_of([0.0]), WORDS["full"], 0.01))


def test_words_determine_what_settings_would():
    for family, over in WORDS.items():
        assert assumption_of_words(over)[0] == family
    assert assumption_of_words(["ZI", "IZ"])[0] == "none"


def file_of(tmp_path, states, times, over, stderr, rng):
    data = expectations_of(states, over, stderr, rng)
    rows = [
        {"time": time, "pauli": word, "value": data.value[i, j], "stderr": stderr}
        for i, time in enumerate(times)
        for j, word in enumerate(over)
    ]
    path = tmp_path / "values.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


@pytest.mark.parametrize("protocol", [None, HeatExchange])
@pytest.mark.parametrize("family", WORDS)
def test_a_file_of_expectation_values_is_analysed_like_any_run(tmp_path, family, protocol):
    times = np.linspace(0, 30, 13)
    states = states_of(times, strength=0.9)
    file = file_of(tmp_path, states, times, WORDS[family], 0.01, np.random.default_rng(5))
    build = (lambda columns: HeatExchange(strength=0.9, **columns)) if protocol else None
    record = import_file(file, protocol=protocol, build=build, runs=tmp_path / "runs", about={"draws": 60})
    result = analyse(record)
    assert result.assumption == family
    assert result.verdict.reversed is True
    assert result.verdict.basis == "fit"
    assert result.verdict.heat == pytest.approx(0.9 * 0.2689, abs=0.03)
    truth = analyse_exact(states)
    rows = result.table[(result.table["observable"] == "mutual_information")].sort_values("time")
    pulls = (rows["value"].to_numpy() - truth) / rows["stderr"].to_numpy()
    assert np.abs(pulls).max() < 5
    energies = result.table[(result.table["observable"] == "energy") & (result.table["subject"] == "A")]
    np.testing.assert_allclose(energies["stderr"], 0.005)
    if protocol:
        ideal = result.table[result.table["observable"] == "mutual_information"].sort_values("time")["ideal"]
        np.testing.assert_allclose(ideal, truth, atol=1e-9)
        assert result.drives[0].ratio[0] == pytest.approx(1, abs=0.1)
    else:
        assert result.table["ideal"].isna().all() or set(result.table[result.table["ideal"].notna()]["role"]) == {"fit"}
        assert result.curves is None


def analyse_exact(states):
    from protocols.quantities import mutual_information

    return mutual_information(states)
