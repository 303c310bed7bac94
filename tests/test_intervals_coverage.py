"""Do the errors of state functions say what they should? Seeded, small; the full table is a benchmark's business."""

import numpy as np
import pytest
from conftest import most, repetitions, slow

from analysis import Methods
from analysis.data import chunks, read
from analysis.evaluation import ideal_values
from analysis.intervals import estimates, view
from analysis.quantities import pair_observables
from analysis.tomography import maximum_likelihood
from devices import execute, open_device
from protocols import RequestError, compile
from protocols.heat_exchange import HeatExchange
from protocols.pauli import moments as exact_moments
from protocols.program import build

NAMES = ("entropy", "mutual_information", "concurrence", "energy", "heat", "clausius_sum", "relative_entropy")


def repeated(tmp_path, preset, device, seeds, times="0:14:6", **asked):
    """value, stderr, low, high (seeds, points) and ideal (points) of every observable, by name and subject."""
    experiment = build(HeatExchange, {**HeatExchange.presets[preset].values, "time": times})
    kept = [o for o in pair_observables("AB") if o.name in NAMES]
    rows = []
    for seed in range(seeds):
        record = execute(compile(experiment, **asked), open_device(device), runs=tmp_path, seed=seed)
        data, stored = read(record, readout_correction=True), record.ideal()
        cells = view(record.points, 1, stored["state"], stored["reference_state"])
        rows.append([(e.value, e.stderr, e.low, e.high) for e in estimates(kept, data, cells, Methods(draws=200), 1)])
        ideal = ideal_values(kept, cells)
    found = np.array(rows)
    return {(o.name, o.subject): (*np.moveaxis(found[:, i], 1, 0), ideal[i]) for i, o in enumerate(kept)}


@pytest.mark.parametrize(
    ("preset", "device"),
    [("micadei", "exact"), ("holdsworth", "exact:white=0.02"), slow("holdsworth", "exact:white=0.05")],
)
def test_every_point_is_within_five_standard_errors_and_intervals_cover(tmp_path, preset, device):
    """Intervals of 95 %: so many miss with p = 1e-4 (13 of 72, 7 of 18); heat shares its reference, so its misses
    cluster. What is caught is a spread that collapses on the boundary (before: 6 standard errors, 40 %)."""
    found = repeated(tmp_path, preset, device, seeds=repetitions(12))
    for (name, subject), (value, stderr, low, high, ideal) in found.items():
        moved = np.abs(value - ideal) > 1e-12
        assert (np.abs(value - ideal)[moved] < 5 * stderr[moved]).all(), (name, subject)
        missed = (low > ideal + 1e-12) | (high < ideal - 1e-12)
        assert missed.sum() <= most(missed.size, 0.05, 1e-4), (name, subject)
    value, stderr, low, _, ideal = found["concurrence", "AB"]
    separable = np.broadcast_to(ideal == 0, low.shape)
    # limits at 95 %; the verdict claims entanglement at 3 sigma
    assert ((low > 0) & separable).sum() <= most(int(separable.sum()), 0.05, 1e-4), "entanglement where there is none"
    assert not ((ideal == 0) & (value > 2 * stderr + 1e-12)).any()


@pytest.mark.parametrize("bases", ["x-state", slow("minimal")])
def test_no_error_collapses_where_every_member_reads_the_same(tmp_path, bases):
    """At some times of micadei each member is an eigenstate of Z up to 1e-5: all draws agree, and none is right."""
    for (name, subject), (value, stderr, _, _, ideal) in repeated(
        tmp_path, "micadei", "exact", seeds=3, times="0ms:2.32ms:22", bases=bases
    ).items():
        moved = np.abs(value - ideal) > 1e-12
        assert (np.abs(value - ideal)[moved] < 5 * stderr[moved]).all(), (name, subject)


def test_draws_surround_the_estimate_and_leave_linear_quantities_where_they_are(tmp_path):
    """A product state: its estimate is inside by construction of the draws, moments have no bias."""
    experiment = HeatExchange(correlation="none", T_A=0.4, T_B=0.3, time=[0.0])
    record = execute(compile(experiment, shots=400), open_device("exact"), runs=tmp_path, seed=2)
    data = read(record, readout_correction=True)
    states = maximum_likelihood(data.frequencies)
    expected = exact_moments(states, ("ZI", "XX"))
    drawn = np.concatenate([data.draw(1, chunk, states).read for chunk in chunks(1000)])
    # <XX> of the basis XX from its outcomes; 1000 draws of 400 shots know a mean to 0.0016
    mean = (drawn[:, 0, data.bases.index("XX")] @ [1, -1, -1, 1]).mean()
    assert mean == pytest.approx(expected["XX"][0], abs=5 * 0.0016 + 0.002)


def test_white_noise_is_part_of_the_exact_states(tmp_path):
    experiment = HeatExchange(time=[0.0, 5.0])
    record = execute(compile(experiment, shots=200_000), open_device("exact:white=0.2"), runs=tmp_path, seed=1)
    pure = experiment.state(record.points)
    stored = record.ideal()
    np.testing.assert_allclose(stored["state"][0], 0.8 * pure + 0.2 * np.eye(4) / 4, atol=1e-15)
    found = maximum_likelihood(read(record, readout_correction=True).frequencies)
    np.testing.assert_allclose(found, stored["state"][0], atol=0.01)
    assert record.start["device"]["white_noise"] == 0.2
    for name in ("exact:white=1.2", "exact:white=x", "exact:black=0.1"):
        with pytest.raises(RequestError, match="white=FRACTION"):
            open_device(name)
