"""The verdict: right in words and in its numbers, whichever qubit is hot and wherever the sweep stops."""

import re
from dataclasses import replace

import numpy as np
import pytest
from conftest import most, repetitions

from analysis import analyse
from analysis.statistics import JointCovariance, Whitening
from analysis.sweeps import Oscillation, Series, fit, flow_of_fit, sweep_fits
from analysis.verdict import HeatOfControl, Kind
from devices import RunRecord, execute, open_device
from protocols import compile
from protocols.heat_exchange import HeatExchange

PERIOD = 10 * np.pi


def run_of(tmp_path, shots=4096, bases="ZZ", control=True, seed=4, **fields):
    experiment = HeatExchange(**{"time": np.linspace(0, PERIOD, 13), **fields})
    words = {"control": "none"} if control and fields.get("correlation") != "none" else {}
    program = compile(experiment, experiment.points(words), shots=shots, bases=bases)
    return execute(program, open_device("exact"), runs=tmp_path, seed=seed)


def verdict_of(tmp_path, **fields):
    return analyse(run_of(tmp_path, **fields), draws=2).verdict


def test_a_reversal_is_called_a_reversal(tmp_path):
    verdict = verdict_of(tmp_path)
    assert verdict.reversed is True
    assert verdict.hot == "A"
    # core values: 0.268941 at 7.010056, zero again at twice that
    assert verdict.heat == pytest.approx(0.268941, abs=5 * verdict.stderr)
    assert verdict.at == pytest.approx(7.010056, abs=0.1)
    assert verdict.turned == pytest.approx(7.010056, abs=0.1)
    assert verdict.zero_again == pytest.approx(14.020112, abs=0.2)
    assert verdict.sigma > 15
    assert verdict.basis == "fit"
    # what is printed after a value is that value over its error; the sweep as a whole has words of its own
    z = min(verdict.heat / verdict.stderr, 100)
    assert verdict.headline.startswith("reversed: hot A gained 0.2")
    assert re.search(
        r"gained 0\.\d+ \+- [\d.]+ gap at time = [\d.]+ \(more than 100 sigma\), cold B lost 0\.2", verdict.headline
    )
    assert z == 100
    assert "an oscillation that never heats A is excluded at more than 100 sigma (fit of 13 times)" in verdict.headline
    assert any("control arm none" in detail for detail in verdict.details)
    # what the sentences say is there as numbers
    assert verdict.kind is Kind.REVERSED
    (control,) = [found for found in verdict.findings if isinstance(found, HeatOfControl)]
    assert (control.arm, control.side) == ("none", "A")
    assert control.here.at == pytest.approx(7.010056, abs=PERIOD / 12)
    assert control.here.value < 0, "without correlations heat leaves the hot qubit"


def test_with_the_hotter_b_the_heat_flows_forward_first_and_then_into_b(tmp_path):
    """T_A < T_B at the same phase: heat goes into A, from hot to cold, up to 0.377541; net heat into B comes late."""
    verdict = verdict_of(tmp_path, T_A=1.0, T_B=2.0)
    assert verdict.hot == "B"
    assert verdict.reversed is True
    assert verdict.headline.startswith("forward first, then reversed: hot B lost 0.37")
    assert verdict.turned == pytest.approx(8.697908, abs=0.1)
    assert verdict.zero_again == pytest.approx(2 * 8.697908, abs=0.2)
    assert verdict.heat == pytest.approx(0.268941, abs=5 * verdict.stderr + 0.002)
    assert verdict.at == pytest.approx(8.697908 + PERIOD / 2, abs=0.1)
    assert any("turned positive" in detail for detail in verdict.details)


def test_before_the_net_heat_turns_positive_a_forward_run_is_not_reversed(tmp_path):
    verdict = verdict_of(tmp_path, correlation_phase=-np.pi / 2, time=np.linspace(0, 16, 9))
    assert verdict.hot == "A"
    assert verdict.reversed is False
    assert verdict.headline.startswith("not reversed: hot A lost 0.37")
    assert verdict.at == pytest.approx(8.697908, abs=0.1)


def test_a_mirrored_pair_reverses_into_b(tmp_path):
    verdict = verdict_of(tmp_path, T_A=1.0, T_B=2.0, correlation_phase=-np.pi / 2)
    assert verdict.hot == "B"
    assert verdict.reversed is True
    assert verdict.at == pytest.approx(7.010056, abs=0.1)


def test_equal_temperatures_have_no_direction_to_reverse_but_heat_moves(tmp_path):
    verdict = verdict_of(tmp_path, T_A=1.5, T_B=1.5)
    assert verdict.reversed is None
    assert verdict.hot is None
    assert verdict.headline.startswith("no direction to reverse: E_A - E_B = ")
    assert "0.33" in verdict.headline
    assert "gap went into A by time = 7.8" in verdict.headline
    idle = verdict_of(tmp_path, T_A=1.5, T_B=1.5, correlation="none")
    assert "no heat was seen to go from one to the other" in idle.headline


def test_normal_flow_is_not_called_a_reversal(tmp_path):
    verdict = verdict_of(tmp_path, correlation="none")
    assert verdict.reversed is False
    assert verdict.headline.startswith("not reversed: hot A lost 0.1")
    assert verdict.at == pytest.approx(PERIOD / 2, abs=0.4)


@pytest.mark.parametrize(("T_B", "hot"), [(1.0, "A"), (3.0, "B"), (2.0, None)])
def test_without_a_measured_start_the_nominal_temperatures_decide(tmp_path, T_B, hot):
    experiment = HeatExchange(T_B=T_B, time=[3.0, 7.0])
    program = compile(experiment, experiment.points(reference="nominal"), shots=2000, bases="ZZ")
    verdict = analyse(execute(program, open_device("exact"), runs=tmp_path, seed=4), draws=2).verdict
    assert verdict.hot == hot
    assert "nominal" in (verdict.details[0] if hot else verdict.headline)
    assert verdict.reversed is {"A": True, "B": False, None: None}[hot]


def test_two_times_are_too_few_for_a_fit_and_carry_their_trial_factor(tmp_path):
    verdict = verdict_of(tmp_path, time=[0.0, 5.0])
    assert verdict.reversed is True
    assert verdict.basis == "point"
    assert verdict.trials == 1
    assert f"({verdict.heat / verdict.stderr:.1f} sigma)" in verdict.headline
    assert verdict.sigma == pytest.approx(verdict.heat / verdict.stderr, rel=0.01)


def test_a_flow_within_the_noise_is_not_seen(tmp_path):
    verdict = verdict_of(tmp_path, T_A=1.4, T_B=1.0, correlation="none", shots=5000, time=[0.0, 0.5, 1.0])
    assert verdict.reversed is False
    assert "no flow seen" in verdict.headline


def test_every_sweep_of_a_grid_has_its_own_verdict(tmp_path):
    result = analyse(run_of(tmp_path, strength=[0.0, 1.0], control=False), draws=2)
    assert [v.reversed for v in result.verdicts] == [False, True]
    assert result.headline == "2 sweeps: 1 reversed, 1 not reversed"


def test_over_several_periods_the_first_heating_is_told_and_not_a_later_copy(tmp_path):
    verdict = verdict_of(tmp_path, strength=0.5, time=np.linspace(0, 400, 9), seed=6)
    assert verdict.headline.startswith("reversed: hot A gained 0.11")
    assert verdict.at == pytest.approx(6.2, abs=0.3)
    assert verdict.zero_again == pytest.approx(12.5, abs=0.5)


@pytest.mark.parametrize(("last", "count"), [(125.6, 5), (94.0, 7)])
def test_times_that_alias_make_no_curve(tmp_path, last, count):
    """Near multiples of the period every point repeats the first: 95 +- 378 gap is not an answer."""
    verdict = verdict_of(tmp_path, time=np.linspace(0, last, count))
    assert verdict.basis == "best point"
    assert verdict.reversed is False
    assert abs(verdict.heat) < 0.5


def test_points_alone_do_not_invent_a_turn(tmp_path):
    experiment = HeatExchange(time=[1.0, 2.0, 3.0])
    program = compile(experiment, experiment.points(reference="nominal"), shots=4096, bases="ZZ")
    verdict = analyse(execute(program, open_device("exact"), runs=tmp_path, seed=6), draws=2).verdict
    assert verdict.reversed is True
    assert verdict.turned is None
    assert not any("turned" in detail for detail in verdict.details)


def test_points_alone_tell_that_the_flow_was_forward_first(tmp_path):
    experiment = HeatExchange(time=np.linspace(0, 31.4, 9), correlation_phase=-np.pi / 2)
    program = compile(experiment, experiment.points(reference="nominal"), shots=4096, bases="ZZ")
    verdict = analyse(execute(program, open_device("exact"), runs=tmp_path, seed=6), draws=2).verdict
    assert verdict.basis == "best point"
    assert verdict.headline.startswith("forward first, then reversed: hot A lost 0.37")
    assert verdict.zero_again == pytest.approx(2 * 8.697908, abs=0.5)


# ---- the fit ----


def series_of(c, a, b, omega, gamma, time, sigma, rng):
    value = c + np.exp(-gamma * time) * (a * np.cos(omega * time) + b * np.sin(omega * time))
    noise = rng.normal(size=len(time)) * sigma if rng else 0.0
    return Series(time=time, value=value + noise, covariance=JointCovariance.equal(len(time), sigma**2))


@pytest.mark.parametrize(("gamma", "omega"), [(0.0, 1.0), (0.05, 1.0), (0.2, 1.1)])
@pytest.mark.parametrize("known", [True, False])
def test_amplitude_phase_frequency_and_damping_are_found(gamma, omega, known):
    series = series_of(0.4, 0.1, -0.2, omega, gamma, np.linspace(0, 8, 25), 1e-4, np.random.default_rng(1))
    both = fit(series, 1.0 if known else None)
    free = both.free
    assert free is not None
    expected = {"offset": 0.4, "amplitude": np.hypot(0.1, 0.2), "phase": np.arctan2(-0.2, 0.1)}
    expected |= {"frequency": omega, "damping": gamma}
    for name, (value, stderr) in free.numbers().items():
        assert value == pytest.approx(expected[name], abs=5 * stderr + 1e-6)
    assert both.chosen is (both.given if known and (gamma, omega) == (0.0, 1.0) else free)


def test_shared_noise_is_in_the_fit():
    """A common shift of all points moves the offset, not the amplitude; its covariance says so."""
    time = np.linspace(0, 6, 12)
    common = 0.05
    noise = JointCovariance(own=np.full(12, 1e-6), shared=np.full((12, 1), common))
    series = Series(time=time, value=0.3 + 0.1 * np.cos(time), covariance=noise)
    given = fit(series, 1.0).given
    assert given is not None
    assert given.numbers()["offset"][1] == pytest.approx(common, rel=0.01)
    assert given.numbers()["amplitude"][1] < 1e-3
    _, error = given.gained(np.array([3.0]))
    assert error[0] < 2e-3


def flows(a, b, time, sigma, number, seed):
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(number):
        chosen = fit(series_of(0.3, a, b, 1.0, 0.0, time, sigma, rng), 1.0).chosen
        assert isinstance(chosen, Oscillation)
        found.append(flow_of_fit(chosen).up_sigma)
    return np.array(found)


@pytest.mark.parametrize("span", [1.5, np.pi, 4.5, 2 * np.pi, 13.0])
def test_an_uncorrelated_pair_is_called_reversed_as_rarely_as_it_should(span):
    """False alarms of the significance itself. P(z > 1.645) may be 5 %, P(z > 3) 0.0013; chances of 5e-4."""
    number = repetitions(200)
    z = flows(0.05, 0.0, np.linspace(0, span, 9 if span < 2 else 16), 0.004, number, seed=2)
    assert (z > 1.645).sum() <= most(number, 0.05, 5e-4)
    assert (z > 3).sum() <= most(number, 0.00135, 5e-4)


def test_the_significance_is_that_of_the_phase():
    """Without damping, over half a turn, z is b over its standard error: 10 here, its spread 1 within 4 sigma."""
    number = repetitions(200)
    time, sigma = np.linspace(0, 3, 16), 0.004
    design = np.stack([np.ones(16), np.cos(time), np.sin(time)], axis=1)
    error = sigma * np.sqrt(np.linalg.inv(design.T @ design)[2, 2])
    z = flows(0.05, 10 * error, time, sigma, number, seed=3)
    wider = np.sqrt(200 / number)
    assert z.mean() == pytest.approx(10, abs=0.3 * wider)
    assert abs(z.std() - 1) < 0.25 * wider, "five standard errors of a spread from 200 sweeps"


# ---- what must not go unseen ----


def tampered(record: RunRecord, change) -> RunRecord:
    """The same record whose counts are changed on their way in."""

    class Changed(RunRecord):
        def counts(self):
            return change(super().counts())

    return Changed(record.path, record.start, record.stop)


def flipped(rows, letter):
    """Outcomes of one basis letter inverted on every qubit."""
    rows = rows.copy()
    for place, qubit in enumerate("AB"):
        hit = rows["basis"].str[place] == letter
        rows.loc[hit, qubit] = 1 - rows.loc[hit, qubit]
    return rows


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    return run_of(tmp_path_factory.mktemp("full"), bases="x-state", shots=1000, strength=0.9)


def pulls(result, names=("energy", "interaction_energy", "exchange_coherence", "population")):
    rows = result.table[result.table["observable"].isin(names) & (result.table["role"] == "point")]
    return ((rows["value"] - rows["ideal"]) / rows["stderr"]).abs()


def test_untouched_data_agree_with_the_ideal_and_with_themselves(full):
    result = analyse(full, draws=2)
    assert pulls(result).max() < 6
    ratio, error = result.drives[0].ratio
    assert ratio == pytest.approx(1, abs=5 * error)
    assert not any("warning" in detail for detail in result.verdict.details)


def test_a_planted_swap_of_the_qubits_is_seen(full):
    swapped = tampered(full, lambda rows: rows.rename(columns={"A": "B", "B": "A"}))
    result = analyse(swapped, draws=2)
    assert pulls(result).max() > 15
    assert result.verdict.hot != "A"


def test_a_planted_swap_in_the_populations_alone_breaks_the_law_of_motion(full):
    def swap(rows):
        rows = rows.copy()
        hit = rows["basis"] == "ZZ"
        rows.loc[hit, ["A", "B"]] = rows.loc[hit, ["B", "A"]].to_numpy()
        return rows

    result = analyse(tampered(full, swap), draws=2)
    assert result.drives[0].ratio[0] == pytest.approx(-1, abs=0.1)
    assert any("the sign is wrong" in detail for detail in result.verdict.details)


@pytest.mark.parametrize("letter", ["X", "Y"])
def test_a_planted_sign_of_the_phase_breaks_the_law_of_motion(full, letter):
    """Y -> -Y on both qubits turns XY - YX, and with it the phase, around."""
    result = analyse(tampered(full, lambda rows: flipped(rows, letter)), draws=2)
    ratio, error = result.drives[0].ratio
    assert ratio == pytest.approx(-1, abs=5 * error)
    assert any("outcomes of X or Y are mixed up" in detail for detail in result.verdict.details)


def test_inverted_labels_and_an_inverted_ground_state_get_their_own_repair(full):
    """All bits inverted: energies and Im r disagree. X on both qubits: they agree, but no temperature is that hot."""
    labels = analyse(tampered(full, lambda rows: flipped(flipped(flipped(rows, "X"), "Y"), "Z")), draws=2)
    assert any("import with --ground 1" in detail for detail in labels.verdict.details)
    prepared = analyse(tampered(full, lambda rows: flipped(flipped(rows, "Y"), "Z")), draws=2)
    assert prepared.drives[0].ratio[0] == pytest.approx(1, abs=0.2)
    assert any("import with --ground X" in detail for detail in prepared.verdict.details)


def test_a_planted_phase_of_the_coupling_is_seen(full):
    start = dict(full.start)
    phases = [0.7] * len(start["points"]["parameters"]["coupling_phase"])
    parameters = {**start["points"]["parameters"], "coupling_phase": phases}
    start["points"] = {**start["points"], "parameters": parameters}
    result = analyse(replace(full, start=start), draws=2)
    assert result.drives[0].ratio[0] == pytest.approx(np.cos(0.7), abs=0.1)
    assert any(detail.startswith("warning") for detail in result.verdict.details)


def test_the_table_has_the_fit_with_its_ideal(full):
    table = analyse(full, draws=2).table
    rows = table[(table["role"] == "fit") & (table["arm"] == "main") & (table["subject"] == "A")]
    rows = rows.set_index("observable")
    for name in ("fit_offset", "fit_amplitude", "fit_phase", "fit_frequency", "fit_damping"):
        row = rows.loc[name]
        assert row["value"] == pytest.approx(row["ideal"], abs=5 * row["stderr"] + 1e-9)
    assert rows.loc["fit_frequency", "ideal"] == pytest.approx(0.2)
    dynamics = table[table["observable"] == "fit_coherence_from_dynamics"].iloc[0]
    # Im r at the start: 0.9 of half the concurrence of the optimal state
    assert dynamics["ideal"] == pytest.approx(0.9 * 0.637295 / 2, abs=1e-6)
    assert sweep_fits.__doc__


@pytest.mark.parametrize("known", [True, False])
def test_many_points_are_fitted_as_few_are(known, monkeypatch):
    """Beyond `DENSE` points no matrix of points times points is made; up to it the same numbers come out of one."""
    rng, time = np.random.default_rng(3), np.linspace(0, 9, 60)
    noise = JointCovariance(own=rng.uniform(1, 4, 60) * 1e-6, shared=rng.normal(size=(60, 3)) * 2e-3)
    value = 0.4 + np.exp(-0.05 * time) * (0.1 * np.cos(1.3 * time) - 0.2 * np.sin(1.3 * time))
    series = Series(time=time, value=value + rng.normal(size=60) * np.sqrt(noise.own), covariance=noise)
    few = fit(series, 1.3 if known else None)
    monkeypatch.setattr("analysis.statistics.joint_covariance.DENSE", 10)
    noise = JointCovariance(own=noise.own, shared=noise.shared)
    many = fit(Series(time=time, value=series.value, covariance=noise), 1.3 if known else None)
    assert isinstance(noise.whitening(), Whitening)
    np.testing.assert_allclose(many.free.theta, few.free.theta, rtol=1e-6)
    np.testing.assert_allclose(many.free.covariance, few.free.covariance, rtol=1e-5, atol=1e-14)
    assert many.free.chi_square == pytest.approx(few.free.chi_square, rel=1e-8)
    np.testing.assert_allclose(noise.precision()(value), np.linalg.solve(noise.dense, value), rtol=1e-8)
    np.testing.assert_allclose(noise.diagonal, np.diag(noise.dense))


def test_times_that_are_hardly_apart_are_no_reason_for_a_grid_without_an_end():
    time = np.sort(np.random.default_rng(2).uniform(0, 8, 25))  # no alias fits as well
    time = np.append(time, np.nextafter(time[-1], 9.0))
    series = series_of(0.4, 0.1, -0.2, 1.3, 0.0, time, 1e-4, np.random.default_rng(1))
    free = fit(series, None).free
    assert free is not None
    assert free.numbers()["frequency"][0] == pytest.approx(1.3, abs=0.01)
