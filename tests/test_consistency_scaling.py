"""The scaled-error option: off by default, one factor for all errors, the significance with them, labelled."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from analysis import Analysis, analyse, write
from analysis import pipeline as module
from analysis.consistency import Scale, birge, scaled_estimate
from analysis.data import Counts
from analysis.figures import caption
from analysis.report import provenance_of
from analysis.verdict import scale_in_words
from devices import RunRecord, execute, open_device
from protocols import Observable, compile
from protocols.heat_exchange import HeatExchange
from protocols.program import linear


@pytest.fixture(scope="module")
def record(tmp_path_factory) -> RunRecord:
    experiment = HeatExchange(strength=0.5, time=np.linspace(0, 31.4, 9))
    program = compile(experiment, experiment.points(), shots=800)
    runs = tmp_path_factory.mktemp("runs")
    return execute(program, open_device("exact"), runs=runs, seed=21, about={"draws": 60})


def overdispersed(data: Any, factor: int) -> Counts:
    """Every count stands for `factor` that always agree: errors are too small by its root."""
    assert isinstance(data, Counts)
    return replace(data, observed=factor * data.observed)


@pytest.fixture(scope="module")
def both(record) -> tuple[Analysis, Analysis]:
    """An analysis of counts whose scatter is 3 times what they claim, as it is and scaled."""
    honest = module.read

    def read(*given: Any, **named: Any) -> Any:
        return overdispersed(honest(*given, **named), 9)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "read", read)
        return analyse(record), analyse(record, scale_errors=True)


def test_the_ratio_is_the_overdispersion(both):
    """sqrt(chi-square/dof) of counts that are too many by 9 is 3, less the excess of draws of nearly pure members."""
    plain, scaled = both
    assert plain.scale is None
    assert scaled.scale is not None
    found, due = scaled.scale.ratios["deviance of members"]
    assert np.sqrt(found / due) == pytest.approx(2.85, rel=0.06)
    assert scaled.scale.factor == pytest.approx(np.sqrt(max(a / b for a, b in scaled.scale.ratios.values())))


def test_every_error_and_half_width_is_multiplied_and_no_value(both):
    plain, scaled = both
    assert scaled.scale is not None
    factor = scaled.scale.factor
    assert np.array_equal(plain.table["value"], scaled.table["value"], equal_nan=True)
    assert np.allclose(scaled.table["stderr"], factor * plain.table["stderr"], equal_nan=True, rtol=1e-9)
    rows = plain.table["observable"].isin(["energy", "heat", "energy_difference"])
    before, after = plain.table[rows], scaled.table[rows]
    assert np.allclose(after["high"] - after["low"], factor * (before["high"] - before["low"]))
    for observable in scaled.observables:
        of = scaled.table.query("observable == @observable.name and subject == @observable.subject")
        assert not (of["low"] < observable.bounds[0]).any()
        assert not (of["high"] > observable.bounds[1]).any()


def test_the_significance_of_the_verdict_follows(both):
    plain, scaled = both
    assert scaled.scale is not None
    assert plain.verdict.sigma is not None
    assert scaled.verdict.sigma is not None
    # two edges to pass: a trial factor of 2, so not exactly the ratio
    assert scaled.verdict.sigma == pytest.approx(plain.verdict.sigma / scaled.scale.factor, rel=0.02)
    assert scaled.verdict.heat == pytest.approx(plain.verdict.heat)


def test_it_is_said_wherever_numbers_are(both):
    plain, scaled = both
    assert scaled.scale is not None
    label = f"scaled by {scaled.scale.factor:.3g}"
    assert label in scaled.warnings[0]
    assert "Birge" in provenance_of(scaled)["scaled errors"]
    assert "scaled errors" not in provenance_of(plain)
    for figure in ("energies", "correlations", "trade_off", "residuals"):
        assert label in caption(figure, scaled)
        assert label not in caption(figure, plain)
    page = (write(scaled) / "report.html").read_text()
    assert label in page.split("<h2>")[0]
    assert "one standard error, scaled as said at the top" in page
    assert f'"error_scale": {scaled.scale.factor}' in (scaled.record.path / "derived" / "verdict.json").read_text()


def test_checks_are_made_with_the_errors_as_they_are(both):
    plain, scaled = both
    assert [check.passed for check in plain.checks] == [check.passed for check in scaled.checks]
    assert any("error bars hold" in warning for warning in plain.warnings)


def test_errors_are_never_made_smaller(record):
    found = Scale(ratios={"deviance of members": (80.0, 100.0), "chi-square of sweep fits": (3.0, 9.0)}, fitted=None)
    assert found.factor == 1.0
    assert "unscaled" in scale_in_words(found.factor, found.ratios)
    assert birge(None, ()).factor == 1.0


def test_a_true_model_is_hardly_scaled(record):
    """9 times, two energies: chi-square/dof of 6 degrees of freedom twice is below 3 in all but 1e-3 of runs."""
    scaled = analyse(record, scale_errors=True)
    assert scaled.scale is not None
    assert scaled.scale.factor < np.sqrt(3)


def test_a_temperature_is_scaled_as_its_inverse():
    """Where the scaled interval of beta holds 0, T lies outside of its ends; where beta has no limit, T begins at 0."""

    def estimate(beta: float, half: float) -> Any:
        observable = linear("effective_temperature", "A", ("ZI",), lambda s: s.moments["ZI"], through=np.reciprocal)
        ends = 1 / (beta + half), 1 / (beta - half)
        values = {"value": 1 / beta, "stderr": half / beta**2, "low": ends[0], "high": ends[1], "corrected": 1 / beta}
        return _estimate(observable, **values)

    wide = scaled_estimate(estimate(1.0, 0.2), 2.0)
    assert (wide.low.item(), wide.high.item()) == (pytest.approx(1 / 1.4), pytest.approx(1 / 0.6))
    open_ = scaled_estimate(estimate(1.0, 0.6), 2.0)
    assert (open_.low.item(), open_.high.item()) == (pytest.approx(1 / 2.2), pytest.approx(-1 / 0.2))
    again = scaled_estimate(open_, 2.0)
    assert (again.low.item(), again.high.item()) == (pytest.approx(1 / 3.4), pytest.approx(-1 / 1.4))
    cold = scaled_estimate(replace(estimate(1.0, 0.2), low=np.array([0.0])), 2.0)
    assert (cold.low.item(), cold.high.item()) == (0.0, pytest.approx(1 / 0.6))
    nothing = scaled_estimate(replace(open_, low=np.array([-np.inf]), high=np.array([np.inf])), 2.0)
    assert (nothing.low.item(), nothing.high.item()) == (-np.inf, np.inf)


def _estimate(observable: Observable, **values: float) -> Any:
    from analysis.intervals import Estimate

    arrays: dict[str, Any] = {name: np.array([value]) for name, value in values.items()}
    return Estimate(observable=observable, interval="multinomial", **arrays)


@pytest.mark.slow
def test_the_option_of_the_command(call, record):
    for option, expected in ((("--scale-errors",), 1.0), ((), None)):
        said = call("analyse", record.path, *option, "--draws", 20, "--json")
        assert said.status == 0
        assert json.loads(said.out)["error_scale"] == pytest.approx(expected), "the model is true: nothing to widen"
        page = (record.path / "derived" / "report.html").read_text()
        assert ("--scale-errors found nothing to widen" in page) is bool(option)
