"""Quantities in words: one-sided where the interval touches a bound, never "0 +- 0", never stronger than the data."""

import re

import numpy as np
import pytest
from made_estimates import estimates_of, sweep_of

from analysis import analyse, write
from analysis.figures import caption, correlations, limited
from analysis.intervals import SOURCES
from analysis.report import provenance_of
from analysis.verdict import correlated, numbered, sentence, side, sides, worded
from devices import execute, open_device
from protocols import compile
from protocols.heat_exchange import HeatExchange

UNIT = (0.0, 1.0)
NOTHING = re.compile(r"\b0(\.0*)? ?(\+-|±) ?0(\.0*)?(?![.\d])")
"""Zero with zero error, however many digits."""


@pytest.mark.parametrize(
    ("low", "high", "bounds", "expected"),
    [
        (0.0, 0.03, UNIT, "concurrence < 0.030 at 95 %"),
        (0.0, 0.0301, UNIT, "concurrence < 0.031 at 95 %"),
        (0.0, 0.999, UNIT, "concurrence is not determined"),
        (0.9, 1.0, UNIT, "concurrence > 0.90 at 95 %"),
        (0.9712, 1.0, UNIT, "concurrence > 0.971 at 95 %"),
        (0.0, 1.0, UNIT, "concurrence is not determined"),
        (0.1, 0.2, UNIT, "concurrence = 0.150 +- 0.025"),
        (-0.1, 0.2, (-np.inf, np.inf), "concurrence = 0.150 +- 0.025"),
        (0.1, np.inf, (-np.inf, np.inf), "concurrence > 0.10 at 95 %"),
        (-np.inf, -0.12, (-np.inf, np.inf), "concurrence < -0.12 at 95 %"),
        (-np.inf, np.inf, (-np.inf, np.inf), "concurrence is not determined"),
        (8.0, -40.0, (-np.inf, np.inf), "concurrence > 8.0 or concurrence < -40 at 95 %"),
        (0.0, -40.0, (-np.inf, np.inf), "concurrence > 0 or concurrence < -40 at 95 %"),
    ],
)
def test_an_interval_that_touches_a_bound_is_a_limit(low, high, bounds, expected):
    assert worded("concurrence", 0.15, 0.025, low, high, "1", bounds) == expected


def test_a_limit_is_never_stronger_than_the_interval():
    rng = np.random.default_rng(3)
    for high in 10 ** rng.uniform(-6, -0.01, 300):
        said = float(numbered(0.0, 0.1, 0.0, high, UNIT).removeprefix("< "))
        assert high <= said <= 1.1 * high + 1e-9
        said = float(numbered(1.0, 0.1, 1 - high, 1.0, UNIT).removeprefix("> "))
        assert 1 - 1.1 * high - 1e-9 <= said <= 1 - high + 1e-9


@pytest.mark.parametrize("width", [0.0, 1e-15])
def test_nothing_is_said_to_be_zero_without_an_error(width):
    for bounds in (UNIT, (-np.inf, np.inf)):
        said = worded("discord A", 0.0, 0.0, 0.0, width, "nat", bounds)
        assert not NOTHING.search(said)
        assert "+-" not in said


def test_an_infinite_bound_is_never_touched():
    assert side(0.0, 5.0, (0.0, np.inf)) == "below"
    assert side(-5.0, 5.0, (-np.inf, np.inf)) == ""
    assert sides(np.array([0.0, 0.2, np.nan]), np.array([0.1, 0.3, 1.0]), UNIT).tolist() == ["below", "", ""]
    assert sides(np.array([8.0, 3.1]), np.array([-40.0, np.inf]), (-np.inf, np.inf)).tolist() == ["outside", "above"]


@pytest.fixture(scope="module")
def separable(tmp_path_factory):
    """Uncorrelated qubits: mutual information, discord and concurrence are zero at every time."""
    experiment = HeatExchange(correlation="none", time=np.linspace(0, 31.4, 7))
    program = compile(experiment, experiment.points(), shots=600)
    runs = tmp_path_factory.mktemp("runs")
    return analyse(execute(program, open_device("exact"), runs=runs, seed=11, about={"draws": 100}))


def test_verdict_report_and_captions_of_a_separable_pair_claim_limits_only(separable):
    said = [separable.headline, *separable.verdict.details, *(c.text for c in separable.checks)]
    page = (write(separable) / "report.html").read_text()
    assert any(re.match(r"no entanglement seen: concurrence AB < 0\.\d+ at 95 % at each time", d) for d in said)
    for text in (*said, re.sub(r"<svg.*?</svg>|<[^>]+>", " ", page, flags=re.DOTALL)):
        assert not NOTHING.search(text), text
    assert "upper limits at 95 %" in caption("correlations", separable)


def test_the_largest_of_the_upper_limits_is_quoted(separable):
    rows = separable.table.query("observable == 'concurrence'")
    (said,) = [d for d in separable.verdict.details if d.startswith("no entanglement")]
    most = float(re.search(r"< ([\d.]+)", said)[1])  # pyright: ignore[reportOptionalSubscript]
    assert rows["high"].max() <= most <= rows["high"].max() * 1.1


def test_limits_are_drawn_as_limits(separable):
    figure = correlations(separable)
    assert figure is not None
    rows = separable.table.query("observable == 'concurrence'")
    assert limited(rows, 0.0).all()
    values = [line.get_ydata() for line in figure.axes[2].lines if line.get_markersize() == 11]
    assert np.allclose(np.sort(np.concatenate(values)), np.sort(rows["high"]))  # pyright: ignore[reportCallIssue, reportArgumentType]
    assert not limited(rows, -np.inf).any()


def test_entanglement_is_claimed_with_its_trial_factor():
    def numbers(value):
        value = np.array(value)
        return {"value": value, "stderr": 0.02, "low": np.maximum(value - 0.04, 0), "high": value + 0.04}

    def said(value):
        clipped = numbers(np.maximum(value, 0))
        quantities = {("concurrence", "AB"): clipped, ("signed_concurrence", "AB"): numbers(value)}
        sweep = sweep_of(estimates_of("time", [0.0, 1.0, 2.0], quantities), bounds={("concurrence", "AB"): UNIT})
        (one,) = correlated(sweep, ("A", "B"))
        return sentence(one)

    assert said([-0.1, 0.2, 0.1]) == (
        "entangled: concurrence AB = 0.200 +- 0.020 at time = 1; 9.9 sigma after a trial factor of 3"
    )
    # 3.1 sigma in one of three points: p = 1 - (1 - 0.00097)^3, 2.8 sigma
    assert said([-0.1, 0.062, 0.0]) == (
        "entanglement is not shown: concurrence AB = 0.062 +- 0.020 at time = 1; 2.8 sigma after a trial factor of 3"
    )
    # nothing vacuous: no limit of 1, no significance of an effect that is not there
    assert said([-0.3, -0.2, -0.1]) == "no entanglement seen: concurrence AB < 0.040 at 95 % at each time"


def test_every_interval_of_the_table_has_its_source_in_the_settings(separable):
    used = set(separable.table["interval"]) - {""}
    said = provenance_of(separable)
    assert used <= set(SOURCES)
    for name in used:
        assert said[f"interval: {name}"].endswith(SOURCES[name])
    assert "mutual information" in said["interval: likelihood-ratio"]
