"""Counts to states to table: exact where counts are exact, unbiased and rightly sized where they are not."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import examples, repetitions
from hypothesis import given
from hypothesis import strategies as st

from analysis import analyse, write
from analysis.data import Counts, chunks, tabulate
from analysis.evaluation import available
from analysis.figures import energies, rendered
from analysis.intervals import view
from analysis.statistics import global_sigma
from analysis.tomography import linear_inversion, nearest_state
from analysis.verdict import pm
from devices import RunError, RunRecord, execute, open_device
from protocols import RequestError, compile
from protocols.heat_exchange import HeatExchange
from protocols.pauli import assumption, measured_words, outcome_probabilities, parse_bases, words
from protocols.pauli import moments as exact_moments

deterministic = examples(30)
MANY = 10**15  # shots so many that rounding a probability to a count changes nothing that is tested


def random_state(rng, d=4):
    g = rng.normal(size=(d, d)) + 1j * rng.normal(size=(d, d))
    rho = g @ g.conj().T
    return rho / np.trace(rho).real


def exact_counts(rho, bases, confusion=None, shots=MANY, calibration=MANY):
    """Counts of one cell and one member that have exactly the probabilities of a state, seen through a confusion."""
    confusion = np.eye(4) if confusion is None else confusion
    read = np.array([confusion @ outcome_probabilities(rho, basis) for basis in bases])
    return Counts(
        bases=tuple(bases),
        observed=np.round(shots * read)[None, None].astype(np.int64),
        weight=np.ones((1, 1)),
        calibration=np.round(calibration * confusion.T).astype(np.int64),
    )


def random_confusion(rng):
    rows = np.eye(4) + rng.uniform(0, 0.08, size=(4, 4))
    return (rows / rows.sum(axis=1, keepdims=True)).T


def _draws(counts, seed, number):
    return [counts.draw(seed, chunk) for chunk in chunks(number)]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A small ideal run with a reference outside the sweep and a control."""
    experiment = HeatExchange(strength=0.8, time=[2.0, 7.0])
    program = compile(experiment, experiment.points({"control": "none"}), shots=500)
    return execute(program, open_device("exact"), runs=tmp_path_factory.mktemp("runs"), seed=3, about={"draws": 40})


# ---- counts ----


def test_the_order_of_the_rows_does_not_matter(run):
    rows = run.counts()
    shuffled = rows.sample(frac=1, random_state=1)
    made = [
        tabulate(
            r, qubits=["A", "B"], bases=run.start["bases"], arms=["main", "none"], parameters=run.points.parameters
        )
        for r in (rows, shuffled)
    ]
    assert (made[0].observed == made[1].observed).all()
    assert (made[0].weight == made[1].weight).all()
    assert made[0].observed.sum() == rows["count"].sum()


def test_a_row_of_no_known_point_is_refused(run):
    rows = run.counts()
    rows.loc[0, "time"] = 99.0
    with pytest.raises(RunError, match="no point"):
        tabulate(
            rows, qubits=["A", "B"], bases=run.start["bases"], arms=["main", "none"], parameters=run.points.parameters
        )


def test_members_are_weighted_by_their_exact_weight_whatever_their_shots():
    rng = np.random.default_rng(2)
    members = [random_state(rng), random_state(rng)]
    weight = np.array([0.9, 0.1])
    bases = parse_bases("full", 2)
    shots = np.array([10**12, 10**14])  # shots do not follow the weights at all
    observed = np.array(
        [[np.round(n * outcome_probabilities(m, b)) for b in bases] for n, m in zip(shots, members, strict=True)]
    ).astype(np.int64)
    counts = Counts(bases=bases, observed=observed[None], weight=weight[None], calibration=np.zeros((4, 4), dtype=int))
    found = counts.frequencies.moments
    expected = exact_moments(sum(w * m for w, m in zip(weight, members, strict=True)), words(2))
    for word, value in expected.items():
        assert found[word][0] == pytest.approx(value, abs=1e-10)


# ---- moments and states ----


@given(st.integers(0, 10**6))
@deterministic
def test_exact_frequencies_give_back_the_state_through_any_readout(seed):
    rng = np.random.default_rng(seed)
    rho, confusion = random_state(rng), random_confusion(rng)
    found = linear_inversion(exact_counts(rho, parse_bases("full", 2), confusion).frequencies)
    np.testing.assert_allclose(found[0], rho, atol=1e-12)


@pytest.mark.parametrize("name", ["x-state", "minimal"])
def test_fewer_settings_give_back_a_state_of_the_family_they_assume(name):
    experiment = HeatExchange(T_A=1.4, T_B=0.6, strength=0.7, coupling_phase=0.3, correlation_phase=0.9, time=3.3)
    rho = experiment.state(experiment.points(reference="nominal"))[0]
    found = linear_inversion(exact_counts(rho, parse_bases(name, 2)).frequencies)
    np.testing.assert_allclose(found[0], rho, atol=1e-12)


def test_the_assumption_follows_from_the_settings():
    for text, expected in (("full", "full"), ("x-state", "x-state"), ("minimal", "minimal"), ("ZZ", "none")):
        assert assumption(parse_bases(text, 2))[0] == expected
    assert assumption(["ZZ", "XX", "YY", "XY", "YX", "ZX"])[0] == "x-state"
    assert measured_words(["ZZ"]) == ("IZ", "ZI", "ZZ")


def test_observables_outside_the_assumption_are_left_out():
    from analysis.quantities import pair_observables

    points = HeatExchange(time=[0.0, 1.0]).points()
    cells = view(points, 1, *[np.tile(np.eye(4) / 4, (1, 2, 1, 1))] * 2)

    def listed(bases):
        data = exact_counts(np.eye(4) / 4, parse_bases(bases, 2))
        return {(o.name, o.subject) for o in available(pair_observables(["A", "B"]), data, cells)}

    assert ("coherence_l1", "A") in listed("full")
    assert ("coherence_l1", "A") not in listed("x-state")
    assert ("mutual_information", "AB") in listed("minimal")
    energies_only = listed("ZZ")
    assert ("energy", "A") in energies_only
    assert ("mutual_information", "AB") not in energies_only


def test_settings_that_determine_no_state_are_refused_by_the_estimator():
    with pytest.raises(RequestError, match="ZZ does not"):
        linear_inversion(exact_counts(np.eye(4) / 4, ["ZZ"]).frequencies)


@given(st.integers(0, 10**6))
@deterministic
def test_the_nearest_state_is_physical_and_no_random_state_is_nearer(seed):
    rng = np.random.default_rng(seed)
    matrix = random_state(rng) + 0.3 * (lambda g: g + g.conj().T - np.eye(4) * np.trace(g + g.conj().T) / 4)(
        rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    )
    found = nearest_state(matrix)
    assert np.trace(found).real == pytest.approx(1, abs=1e-12)
    assert np.linalg.eigvalsh(found).min() > -1e-12
    np.testing.assert_allclose(nearest_state(found), found, atol=1e-12)
    distance = np.linalg.norm(found - matrix)
    for _ in range(20):
        other = 0.98 * found + 0.02 * random_state(rng)
        assert np.linalg.norm(other - matrix) >= distance - 1e-12


# ---- errors of linear quantities: three routes ----


def sampled(rng, rho, bases, confusion, shots, calibration):
    read = np.array([confusion @ outcome_probabilities(rho, basis) for basis in bases])
    return Counts(
        bases=tuple(bases),
        observed=rng.multinomial(shots, read / read.sum(axis=1, keepdims=True))[None, None],
        weight=np.ones((1, 1)),
        calibration=rng.multinomial(calibration, confusion.T) if calibration else np.zeros((4, 4), dtype=int),
    )


@pytest.mark.parametrize("calibration", [0, 300])
def test_linear_errors_are_the_scatter_of_repetitions_and_of_draws(calibration):
    """Of 2000 repetitions and 4000 draws standard deviations are known to 2 %; 8 % is four of those."""
    number = repetitions(2000)
    within = 0.08 * np.sqrt(2000 / number)
    rng = np.random.default_rng(11)
    rho, bases = random_state(rng), parse_bases("x-state", 2)
    confusion = random_confusion(rng) if calibration else np.eye(4)
    over = ("ZI", "IZ", "XX", "XY")
    repeated = [sampled(rng, rho, bases, confusion, 200, calibration) for _ in range(number)]
    values = np.array([[c.frequencies.moments[w][0] for w in over] for c in repeated])
    scatter = np.cov(values.T)
    predicted = []
    for counts in repeated[:300]:
        errors = counts.linear_errors(over)
        predicted.append(errors.shot[0] + errors.shared[0] @ errors.shared[0].T)
    mean = np.mean(predicted, axis=0)
    np.testing.assert_allclose(np.sqrt(np.diag(mean)), np.sqrt(np.diag(scatter)), rtol=within)
    # one direction that mixes all moments sees their covariances
    direction = np.array([1.0, -0.5, 0.3, 0.7])
    assert direction @ mean @ direction == pytest.approx(direction @ scatter @ direction, rel=2 * within)
    drawn = [[f.moments[w][:, 0] for w in over] for f in _draws(repeated[0], seed=1, number=2 * number)]
    spread = np.concatenate(drawn, axis=1).std(axis=1)
    np.testing.assert_allclose(spread, np.sqrt(np.diag(predicted[0])), rtol=within)


def test_an_outcome_never_seen_does_not_claim_a_zero_error():
    ground = np.diag([1.0, 0, 0, 0])
    errors = exact_counts(ground, ["ZZ"], shots=1000).linear_errors(["ZI"])
    coefficient = np.array([[-0.5]])  # E_A = (1 - <ZI>)/2
    variance = errors.variance(coefficient, np.zeros((1, 1)), np.array([-1]))
    assert np.sqrt(variance[0]) == pytest.approx(np.sqrt(2) / 1000)  # two counts


def test_heat_carries_the_error_of_its_reference_and_is_zero_at_it(run):
    table = analyse(run, draws=20).table
    main = table[(table["arm"] == "main") & (table["subject"] == "A")].set_index(["point", "observable"])
    reference = main.loc[(2, "energy")]
    assert reference["role"] == "reference"
    for point in (0, 1):
        heat, energy = main.loc[(point, "heat")], main.loc[(point, "energy")]
        assert heat["value"] == pytest.approx(energy["value"] - reference["value"], abs=1e-15)
        assert heat["stderr"] == pytest.approx(np.hypot(energy["stderr"], reference["stderr"]), rel=1e-9)
    own = main.loc[(2, "heat")]
    assert own["value"] == 0
    assert 0 < own["stderr"] < 0.1 * reference["stderr"]


def test_calibration_noise_common_to_point_and_reference_cancels_in_heat(tmp_path):
    """With few calibration shots energies are uncertain together; their difference is not."""
    experiment = HeatExchange(strength=0.9, time=[0.0, 0.2])
    device = open_device("aer:fake_manila")
    program = compile(experiment, experiment.points(), shots=200_000, bases="ZZ", calibration_shots=100)
    table = analyse(execute(program, device, runs=tmp_path, seed=5), draws=2).table
    later = table[(table["point"] == 1) & (table["subject"] == "A")].set_index("observable")
    assert later.loc["heat", "stderr"] < 0.5 * later.loc["energy", "stderr"]


def test_a_nominal_reference_is_exact_and_adds_no_error(tmp_path):
    experiment = HeatExchange(strength=0.8, time=[2.0, 7.0])
    program = compile(experiment, experiment.points(reference="nominal"), shots=500)
    table = analyse(execute(program, open_device("exact"), runs=tmp_path, seed=3), draws=20).table
    assert set(table["point"]) == {0, 1}
    a = table[table["subject"] == "A"].set_index(["point", "observable"])
    for point in (0, 1):
        assert a.loc[(point, "heat"), "stderr"] == pytest.approx(a.loc[(point, "energy"), "stderr"])
        nominal = a.loc[(point, "energy"), "value"] - a.loc[(point, "heat"), "value"]
        assert nominal == pytest.approx(1 / (1 + np.exp(0.5)), abs=1e-12)  # Gibbs at T_A = 2


def test_pulls_of_energies_are_standard_normal_on_stratified_counts(tmp_path):
    """60 seeds x 9 times x 2 qubits = 1080 pulls. Variance within 1 +- 0.15 and mean within 0.1 is 3.5 and
    3.3 standard errors: a false alarm in 1 of 700 reseedings; the seeds are fixed. Fewer seeds, wider bounds."""
    number = repetitions(60)
    wider = np.sqrt(60 / number)
    experiment = HeatExchange(strength=0.9, time=np.linspace(1, 29, 9))
    program = compile(experiment, experiment.points(reference="nominal"), shots=1024, bases="ZZ,ZX,XZ")
    pulls = []
    for seed in range(number):
        table = analyse(execute(program, open_device("exact"), runs=tmp_path, seed=seed), draws=2).table
        energy = table[table["observable"] == "energy"]
        pulls.append(((energy["value"] - energy["ideal"]) / energy["stderr"]).to_numpy())
    pulls = np.array(pulls)
    assert abs(pulls.mean()) < 0.1 * wider
    assert abs(pulls.var() - 1) < 0.15 * wider


# ---- intervals ----


def test_asking_for_more_draws_keeps_the_first_ones(run):
    counts = tabulate(
        run.counts(),
        qubits=["A", "B"],
        bases=run.start["bases"],
        arms=["main", "none"],
        parameters=run.points.parameters,
    )
    few = np.concatenate([f.read for f in _draws(counts, seed=1, number=60)])
    many = np.concatenate([f.read for f in _draws(counts, seed=1, number=110)])
    assert (few == many[:60]).all()
    assert not (many[:50] == many[50:100]).all()


# ---- the table ----


def test_the_table_follows_the_contract(run):
    table = analyse(run, draws=20).table
    assert list(table.columns) == [
        *("point", "role", "time", "arm", "observable", "subject"),
        *("value", "stderr", "low", "high", "ideal", "unit"),
        *("bias_corrected", "interval"),
    ]
    # two times and a reference in two arms: every energy and the difference, with the given shape
    fitted = table[table["role"] == "fit"]
    assert set(fitted["point"]) == {-1}
    assert set(fitted["observable"]) >= {"fit_amplitude", "fit_phase", "fit_frequency", "fit_damping"}
    table = table[table["role"] != "fit"]
    assert set(table["role"]) == {"point", "reference", "control"}
    assert not table.duplicated(["point", "arm", "observable", "subject"]).any()
    # the control has no correlation that an efficiency could be counted from
    assert set(table[table["low"].isna()]["observable"]) <= {"efficiency"}
    known = table[table["low"].notna()]
    assert (known["low"] <= known["value"]).all()
    assert (known["value"] <= known["high"]).all()
    linear = table[table["observable"].isin(["energy", "heat", "population", "energy_difference"])]
    assert (linear["high"] > linear["low"]).all()


def test_a_sweep_of_two_names_is_a_grid_with_a_reference_for_each_combination(tmp_path):
    experiment = HeatExchange(T_A=[1.5, 2.5], time=[3.0, 6.0])
    program = compile(experiment, shots=200, bases="ZZ")
    result = analyse(execute(program, open_device("exact"), runs=tmp_path, seed=1), draws=2)
    table = result.table
    assert {"T_A", "time"} <= set(table.columns)
    assert set(table[table["role"] != "fit"]["point"]) == set(range(6))
    references = table[(table["role"] == "reference") & (table["observable"] == "energy") & (table["subject"] == "A")]
    assert references["ideal"].to_list() == pytest.approx([1 / (1 + np.exp(1 / T)) for T in (1.5, 2.5)])
    assert len(result.verdicts) == 2
    assert "T_A = 1.5" in result.verdicts[0].headline


def test_readout_correction_can_be_switched_off_and_matters(tmp_path):
    experiment = HeatExchange(time=[0.0, 7.0])
    program = compile(experiment, experiment.points(), shots=20_000, bases="ZZ", calibration_shots=20_000)
    record = execute(program, open_device("aer:fake_manila"), runs=tmp_path, seed=5)
    with_it, without = (analyse(record, draws=2, readout_correction=on) for on in (True, False))
    assert with_it.readout_corrected
    assert not without.readout_corrected

    def rms(result):
        energy = result.table[result.table["observable"] == "energy"]
        return np.sqrt(((energy["value"] - energy["ideal"]) ** 2).mean())

    assert rms(with_it) < 0.7 * rms(without)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"draws": 1}, "draws"),
        ({"estimator": "guess"}, "estimator.*guess"),
        ({"intervals": {"entropy": "magic"}}, "intervals.*magic"),
        ({"estimators": {"entropy": "magic"}}, "estimators.*magic"),
    ],
)
def test_a_bad_request_of_the_analysis_is_refused(run, arguments, message):
    with pytest.raises(RequestError, match=message):
        analyse(run, **arguments)


def test_estimator_and_interval_can_be_exchanged_for_one_observable(run, monkeypatch):
    """A made-up estimator that always answers the maximally mixed state, and an interval of fixed width."""
    from analysis.intervals import rules as _interval
    from analysis.tomography import estimators as _tomography

    def mixed(measured):
        return np.broadcast_to(np.eye(4) / 4, (*measured.read.shape[:-2], 4, 4))

    monkeypatch.setitem(_tomography.ESTIMATORS, "mixed", mixed)
    monkeypatch.setitem(_interval.INTERVALS, "fixed", lambda spread: (spread.value - 0.25, spread.value + 0.5))
    plain = analyse(run, draws=20).table.set_index("observable")
    changed = analyse(
        run, draws=20, estimators={"purity": "mixed"}, intervals={"purity": "fixed", "energy": "bootstrap"}
    ).table.set_index("observable")
    assert changed.loc["purity", "value"].to_numpy() == pytest.approx(0.25)
    assert changed.loc["purity", "high"].to_numpy() == pytest.approx(0.75)
    for untouched in ("mutual_information", "heat"):
        pd.testing.assert_frame_equal(changed.loc[untouched], plain.loc[untouched])
    same = (changed.loc["energy", "value"] == plain.loc["energy", "value"]).all()
    assert same
    ratio = changed.loc["energy", "stderr"] / plain.loc["energy", "stderr"]
    assert 0.5 < ratio.median() < 1.5
    assert not (ratio == 1).any()


def test_a_dense_readout_error_is_inverted_to_the_true_energies():
    rng = np.random.default_rng(8)
    confusion = random_confusion(rng)
    rho = random_state(rng)
    counts = exact_counts(rho, ["ZZ"], confusion)
    assert counts.frequencies.moments["ZI"][0] == pytest.approx(exact_moments(rho, ["ZI"])["ZI"], abs=1e-12)
    blind = replace(counts, calibration=np.zeros((4, 4), dtype=int))
    assert abs(blind.frequencies.moments["ZI"][0] - exact_moments(rho, ["ZI"])["ZI"]) > 1e-3


# ---- reproducibility ----


def test_the_table_does_not_depend_on_the_threads_of_this_process(run):
    from threadpoolctl import threadpool_limits

    made = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            made.append(analyse(run, draws=20).table.to_csv())
    assert made[0] == made[1]


@pytest.mark.slow
def test_the_table_is_the_same_bit_for_bit_whatever_the_threads(run, tmp_path):
    script = "import sys; from analysis import analyse; analyse(sys.argv[1]).table.to_csv(sys.argv[2], index=False)"
    made = []
    for threads in ("1", "2"):
        out = tmp_path / f"{threads}.csv"
        environment = {**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
        subprocess.run([sys.executable, "-c", script, str(run.path), str(out)], env=environment, check=True)
        made.append(out.read_bytes())
    assert made[0] == made[1]
    write(analyse(run))
    assert (run.path / "derived" / "table.csv").read_bytes() == made[0]


def test_the_report_is_self_contained_and_holds_what_a_referee_asks(run):
    result = analyse(run)
    derived = write(result)
    page = (derived / "report.html").read_text()  # with real figures in test_report
    assert "<svg" in page
    assert "http" not in page.split("<svg")[0]
    for needed in ("heat", "stratified", "run 3", "numpy", "nothing about the state is assumed", "grey, open: control"):
        assert needed in page
    again = pd.read_csv(derived / "table.csv")
    assert len(again) == len(result.table)
    # bytes of a figure do not depend on when it is drawn
    first, second = (energies(result) for _ in range(2))
    assert first is not None
    assert second is not None
    assert rendered(first, "svg") == rendered(second, "svg")


# ---- numbers in words ----


@pytest.mark.parametrize("z", [-2.0, 0.0, 1.5, 3.0, 6.0])
@pytest.mark.parametrize("trials", [1, 7, 100])
def test_the_trial_factor_is_the_chance_of_the_best_of_many(z, trials):
    from scipy.stats import norm

    direct = norm.isf(-np.expm1(trials * np.log1p(-norm.sf(z))))
    assert global_sigma(z, trials) == pytest.approx(direct, abs=1e-6)


def test_the_trial_factor_works_far_out_in_the_tail():
    assert global_sigma(75.0, 1) == pytest.approx(75.0, abs=1e-9)
    assert 74.9 < global_sigma(75.0, 32) < 75.0


def test_values_are_shown_to_two_digits_of_their_error():
    assert pm(0.123456, 0.0123) == "0.123 +- 0.012"
    assert pm(12.0, 3.0) == "12.0 +- 3.0"
    assert pm(0.5, float("nan")) == "0.5"


def test_a_record_opened_again_analyses_the_same(run):
    first, second = analyse(run).table, analyse(RunRecord.open(run.path)).table
    pd.testing.assert_frame_equal(first, second)
