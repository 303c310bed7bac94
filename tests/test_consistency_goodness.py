"""Is the model true: planted errors are caught, and true models are rejected as rarely as is stated."""

import typing
from dataclasses import dataclass, replace

import numpy as np
import pytest
from conftest import most, repetitions

from analysis import Analysis, analyse, write
from analysis.checks import checks, warnings
from analysis.consistency import contradictions, draws_of, goodness, refitted, with_qubits_exchanged
from analysis.data import Counts, Expectations
from analysis.statistics import ALARM, gamma_tail
from devices import execute, open_device
from protocols import Array, compile
from protocols.heat_exchange import HeatExchange
from protocols.pauli import words


@dataclass(frozen=True)
class Truth:
    """Exact probabilities of a run and its shots."""

    bases: tuple[str, ...]
    p: Array
    """(cells, members, settings, outcomes)."""
    shots: Array
    weight: Array


def truth(shots: int = 2048, points: int = 6, bases: str = "full", **fields: typing.Any) -> Truth:
    experiment = HeatExchange(time=np.linspace(0, 26, points), **fields)
    program = compile(experiment, experiment.points(), shots=shots, bases=bases)
    members = 1 + max(block.setting.member for block in program.blocks)
    p = np.zeros((points, members, len(program.bases), 4))
    repeats, weight = np.zeros(p.shape[:3], dtype=int), np.zeros(p.shape[:2])
    for block in program.blocks:
        setting = program.bases.index(block.setting.basis)
        p[block.point, block.setting.member, setting] = block.probabilities
        repeats[block.point, block.setting.member, setting] = block.repeats
        weight[block.point, block.setting.member] = block.weight
    return Truth(program.bases, p, repeats, weight)


def confusion(low: float, high: float) -> Array:
    """P(read | true) of two qubits: 0 is read as 1 with `low`, 1 as 0 with `high`, a little more on the second."""
    one, other = (np.array([[1 - f * low, f * high], [f * low, 1 - f * high]]) for f in (1.0, 1.3))
    return np.kron(one, other)


READOUT = confusion(0.01, 0.03)


def measured(
    true: Truth, seed: int, read: Array = READOUT, calibrated: Array | None = None, shots: int = 2048
) -> Counts:
    """Counts read through `read`, with a calibration that saw `calibrated`."""
    rng = np.random.default_rng(seed)
    p = np.where((true.shots > 0)[..., None], true.p @ read.T, [1.0, 0, 0, 0])
    observed = rng.multinomial(true.shots, p / p.sum(axis=-1, keepdims=True))
    calibration = rng.multinomial(shots, (read if calibrated is None else calibrated).T)
    return Counts(bases=true.bases, observed=observed, weight=true.weight, calibration=calibration)


@pytest.fixture(scope="module")
def rank_two() -> Truth:
    """Two pure members: every state is on the boundary, half of the counts are near zero."""
    return truth()


def p_of(counts: Counts) -> float:
    found = goodness(counts)
    assert found is not None
    return found.p


# ---- the test of the members ----


def test_true_models_are_rejected_as_rarely_as_stated(rank_two):
    """3 or more of 20 runs at p < 0.01, or 2 of 5, have a chance of 1e-3; of 200 runs, 0 or 1 were below 0.001."""
    number = repetitions(20)
    assert sum(p_of(measured(rank_two, seed)) < 0.01 for seed in range(number)) <= most(number, 0.01, 1.1e-3)


def test_too_large_a_readout_correction_is_caught(rank_two):
    """The calibration saw 2 % and 5 %, the data had 1 % and 3 %: populations below zero. Power 1 - 1e-3 or better."""
    assert p_of(measured(rank_two, 1, calibrated=confusion(0.02, 0.05))) < ALARM


def test_exchanged_calibrations_of_nearly_pure_members_are_found_by_exchanging_them_back(rank_two):
    """A reads with errors of 1 % and 2 %, B of 4 % and 8 %: nothing need be declared. Power 1 - 1e-3 or better."""
    first, other = (np.array([[1 - low, 2 * low], [low, 1 - 2 * low]]) for low in (0.01, 0.04))
    wrong = measured(rank_two, 5, read=np.kron(first, other), calibrated=np.kron(other, first))
    found = goodness(wrong)
    assert found is not None
    assert found.p < ALARM
    back = refitted(with_qubits_exchanged(wrong), found)
    assert back < found.run.statistic - 100
    assert back == pytest.approx(found.run.expected, rel=0.25)


def test_too_small_a_correction_is_some_state(rank_two):
    """A pure member looks mixed, which some state is: the states asked for tell, this test cannot."""
    assert p_of(measured(rank_two, 1, read=confusion(0.02, 0.05), calibrated=READOUT)) > ALARM


def test_swapped_labels_of_one_setting_at_one_point_are_caught_and_located(rank_two):
    counts = measured(rank_two, 2)
    observed = counts.observed.copy()
    observed[3, 1, 2] = observed[3, 1, 2][[1, 0, 3, 2]]  # B inverted in XZ
    found = goodness(replace(counts, observed=observed))
    assert found is not None
    assert found.p < ALARM
    assert (found.cell[found.worst], found.member[found.worst]) == (3, 1)
    assert counts.bases[int(found.deviance[found.worst].argmax())][1] == "Z"


def test_a_member_that_is_another_state_in_one_setting_is_caught(rank_two):
    """Ground state in place of the correlated member whenever XY is read."""
    p = rank_two.p.copy()
    p[:, 1, rank_two.bases.index("XY")] = p[:, 0, rank_two.bases.index("XY")]
    assert p_of(measured(replace(rank_two, p=p), 3)) < ALARM


def test_settings_that_overdetermine_nothing_are_not_tested():
    assert goodness(measured(truth(bases="ZZ", points=2), 0)) is None
    five = goodness(measured(truth(bases="x-state", points=2), 0))
    assert five is not None
    assert five.p > ALARM


def test_the_test_depends_on_the_data_alone(rank_two):
    counts = measured(rank_two, 4)
    first, again = goodness(counts), goodness(replace(counts, weight=counts.weight.copy()))
    assert first is not None
    assert again is not None
    assert np.array_equal(first.drawn, again.drawn)
    assert draws_of(10) == 99
    assert draws_of(10_000) == 20


def test_expectation_values_of_no_state_are_caught():
    over = words(2)
    value = np.zeros((3, len(over)))
    alike = [over.index(word) for word in ("XX", "YY", "ZZ")]
    value[:, alike] = 0.2
    good = Expectations(words=over, value=value, stderr=np.full(value.shape, 0.02))
    found = goodness(good)
    assert found is not None
    assert found.p > ALARM
    impossible = value.copy()
    impossible[1, alike] = 0.6  # the singlet would have a population of (1 - 3 * 0.6)/4
    found = goodness(replace(good, value=impossible))
    assert found is not None
    assert found.p < ALARM
    assert found.cell[found.worst] == 1


def test_the_tail_of_few_draws_is_wider_than_that_of_many():
    """p of a statistic of the same law is below 0.01 as often as stated, from 20 draws: 4 standard errors of 4000."""
    rng = np.random.default_rng(8)
    p = [gamma_tail(float(x[0]), x[1:]).p for x in rng.chisquare(300, (4000, 21))]
    assert np.mean(np.array(p) < 0.01) == pytest.approx(0.01, abs=4 * np.sqrt(0.01 / 4000))
    assert gamma_tail(3.0, np.full(20, 3.0)).p == 1.0


# ---- settings against each other ----


def test_differences_between_settings_have_the_errors_that_they_scatter_by(rank_two):
    """Runs with calibration: mean and spread of p of 12 degrees of freedom, 4 standard errors (1e-3 in all)."""
    number = repetitions(200)
    found = [contradictions(measured(rank_two, seed)) for seed in range(number)]
    p = np.array([one.p for one in found if one is not None])
    assert found[0] is not None
    assert found[0].dof == 12
    assert p.mean() == pytest.approx(0.5, abs=4 * np.sqrt(1 / 12 / number))
    assert p.std() == pytest.approx(np.sqrt(1 / 12), abs=4 * np.sqrt(1 / 180 / number))
    assert (p < ALARM).sum() <= most(number, ALARM, 1.2e-3)


def test_crosstalk_that_the_calibration_saw_is_no_contradiction(rank_two):
    """Where both are 1, A reads 0 in 30 % more; more than 4 of 40 runs below 0.01, or 2 of 10: 1e-4."""
    number = repetitions(40)
    coupled = READOUT.copy()
    coupled[[1, 3], 3] += [0.3, -0.3]
    found = [contradictions(measured(rank_two, seed, read=coupled)) for seed in range(number)]
    assert sum(one is not None and one.p < 0.01 for one in found) <= most(number, 0.01, 1.2e-4)
    blind = contradictions(measured(rank_two, 1, read=coupled, calibrated=READOUT))
    assert blind is not None
    assert blind.p < ALARM


def test_a_little_leakage_in_one_setting_of_all_circuits_is_seen_by_the_run_alone(rank_two):
    """8 % of A that would read 0 read 1 whenever YZ is measured: 2 standard errors in one circuit, 6 in the run."""
    p, setting = rank_two.p.copy(), rank_two.bases.index("YZ")
    p[:, :, setting, 2:] += 0.08 * p[:, :, setting, :2]
    p[:, :, setting, :2] *= 1 - 0.08
    for seed in range(5):
        seen = contradictions(measured(replace(rank_two, p=p), seed))
        assert seen is not None
        assert seen.p < ALARM
        assert seen.worst[0] == "<YI> in YZ minus in YX"


# ---- in a run ----


def run(tmp_path, device: str = "exact", **kw: typing.Any) -> Analysis:
    experiment = HeatExchange(time=np.linspace(0, 26, 6), **kw)
    program = compile(experiment, experiment.points(), shots=1500)
    return analyse(execute(program, open_device(device), runs=tmp_path, seed=4, about={"draws": 20}))


def check(result: Analysis, name: str) -> typing.Any:
    return {one.name: one for one in result.checks}[name]


def spoilt(result: Analysis, **counts: Array) -> Analysis:
    assert isinstance(result.data, Counts)
    data = replace(result.data, **counts)
    spoilt = replace(result, data=data, goodness=goodness(data))
    spoilt = replace(spoilt, checks=checks(spoilt))
    return replace(spoilt, warnings=warnings(spoilt))


@pytest.fixture(scope="module")
def faultless(tmp_path_factory) -> Analysis:
    return run(tmp_path_factory.mktemp("runs"))


def test_a_faultless_run_has_no_warning(faultless):
    assert faultless.warnings == ()
    for name in ("members are states", "settings agree", "members as asked", "sweep is one oscillation", "leakage"):
        assert check(faultless, name).passed, check(faultless, name)


def test_a_member_replaced_by_another_state_is_not_as_asked(faultless):
    """The correlated member gets the counts of the ground state: a state, but not that asked for."""
    assert isinstance(faultless.data, Counts)
    observed, rng = faultless.data.observed.copy(), np.random.default_rng(0)
    observed[:, 1] = rng.multinomial(observed[:, 1].sum(axis=-1), truth().p[:, 0])
    wrong = spoilt(faultless, observed=observed)
    assert check(wrong, "members are states").passed
    found = check(wrong, "members as asked")
    assert found.passed is False
    assert "member 1" in found.text


def test_white_noise_is_a_state_but_not_that_asked_for(tmp_path):
    mixed = run(tmp_path, "exact:white=0.05")
    assert check(mixed, "members are states").passed
    assert check(mixed, "members as asked").passed is False
    assert not any("error bars" in warning for warning in mixed.warnings), "bars do not rest on what was asked for"


@pytest.mark.parametrize("correlation", [{"correlation": "none"}, {"correlation": "coherent", "alpha": -0.1}])
def test_the_states_asked_for_are_known_of_every_family(tmp_path, correlation):
    assert check(run(tmp_path, **correlation), "members as asked").passed


@pytest.mark.slow
def test_a_setting_with_swapped_labels_warns_that_bars_are_too_small(faultless):
    observed, which = faultless.data.observed.copy(), faultless.data.bases.index("XY")
    observed[:, :, which] = observed[:, :, which][..., [2, 3, 0, 1]]
    wrong = spoilt(faultless, observed=observed)
    (warning,) = [text for text in wrong.warnings if text.startswith("error bars hold shot noise only")]
    assert "members are states (p < 0.0001" in warning
    assert "--scale-errors" in warning
    written = write(wrong)
    assert "error bars hold shot noise only" in (written / "report.html").read_text().split("<h2>")[0]
    assert "error bars hold shot noise only" in (written / "verdict.json").read_text()


def test_what_reads_1_in_every_basis_is_called_leakage(faultless):
    """2 % of A is outside its two levels and reads 1 whatever is measured: 5 standard errors of the mean."""
    rng, counts = np.random.default_rng(6), faultless.data
    lost = rng.binomial(counts.observed[..., :2], 0.02)
    observed = counts.observed.copy()
    observed[..., :2] -= lost
    observed[..., 2:] += lost
    wrong = spoilt(faultless, observed=observed)
    assert check(wrong, "leakage").passed is False
    assert "leaked of A" in check(wrong, "leakage").text
    (warning,) = [text for text in wrong.warnings if text.startswith("the data reject an exchange between A and B")]
    assert "leakage" in warning
    assert "no error bar covers" in warning
