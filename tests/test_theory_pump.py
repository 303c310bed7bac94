"""The pump: energy balance over cycles, limits, and the reference numbers of two independent routes."""

import numpy as np
import pytest
from conftest import slow

from protocols import RequestError
from protocols.heat_exchange import HeatExchange
from protocols.quantities import mutual_information
from reproduce.pairs import KAPPA, PERIOD, RATIO_OF_COUPLINGS, SETS, STROKE
from theory import Bath, Cache, Expansion, OpenPair, hierarchy, pump
from theory.pump import Pump


def fuel(**given):
    experiment = HeatExchange(time=[0.0], **given)
    return experiment.state(experiment.points({}, reference="nominal"))[0]


def pair(kappa=0.05, T=(2.0, 1.0)):
    baths = [Bath(temperature=t, coupling=kappa, cutoff=1.0) for t in T]
    return OpenPair(bath_A=baths[0], bath_B=baths[1], expansion=Expansion(depth=3))


def paper(name, depth=None):
    chosen = SETS[name].pair(KAPPA, RATIO_OF_COUPLINGS * KAPPA)
    return Pump(pair=chosen, stroke=STROKE, period=PERIOD)


@pytest.mark.parametrize("baths", ["kept", "swapped"])
def test_heat_work_and_the_energy_of_the_qubits_balance_in_every_cycle(baths):
    cycles = pump.run(Pump(pair=pair(), stroke=5.0, period=40.0, baths=baths), fuel(correlation_phase=0.3), 3)
    gained = cycles.energy[:, 1] - cycles.energy[:, 0]
    np.testing.assert_allclose(cycles.heat("system").sum(axis=1) + cycles.work, gained, atol=1e-7)


def test_the_first_cycle_is_the_stroke_and_the_relaxation_of_the_hierarchy():
    own = Pump(pair=pair(), stroke=5.0, period=40.0)
    cycles = pump.run(own, fuel(), 1)
    stroke = hierarchy.evolve(own.pair, fuel(), np.array([0.0, 5.0]))
    np.testing.assert_allclose(cycles.heat_system[0, pump.SAMPLES - 1], stroke.heat_system[-1], atol=1e-7)
    np.testing.assert_allclose(cycles.switching[0, 1], stroke.interaction_energy[-1], atol=1e-7)


def test_in_a_periodic_cycle_both_definitions_of_heat_are_one():
    cycles = pump.periodic(Pump(pair=pair(), stroke=5.0, period=60.0), fuel())
    np.testing.assert_allclose(cycles.heat("bath")[-1], cycles.heat("system")[-1], atol=1e-5)
    assert np.abs(cycles.heat("bath")[0] - cycles.heat("system")[0]).max() > 1e-3


def test_baths_that_lose_the_correlation_give_the_first_cycle_nearly_again():
    swapped = pump.run(Pump(pair=pair(0.01), stroke=5.0, period=150.0, baths="swapped"), fuel(), 2)
    np.testing.assert_allclose(swapped.heat("system")[1], swapped.heat("system")[0], rtol=0.02)


def test_the_heat_is_bounded_by_the_fuel():
    """Clausius with correlations: beta_A Q_A + beta_B Q_B <= I_0 where heat leaves the baths."""
    cycles = pump.periodic(Pump(pair=pair(T=(1.4, 0.9)), stroke=6.0, period=80.0), fuel(T_A=1.4, T_B=0.9))
    spent = cycles.heat("bath")[-1] @ (1 / cycles.temperatures)
    assert 0 < spent < float(cycles.fuel)
    assert float(cycles.fuel) == pytest.approx(mutual_information(fuel(T_A=1.4, T_B=0.9)))


def test_without_correlation_there_is_no_efficiency():
    cycles = pump.run(Pump(pair=pair(), stroke=5.0, period=40.0), fuel(correlation="none"), 1)
    assert np.isnan(cycles.efficiency()).all()


@pytest.mark.parametrize(
    ("name", "first_system", "first_bath", "periodic", "Q_A", "Q_B"),
    [
        slow("S", 0.18911, 0.15329, 0.18509, -0.21701, 0.22042),
        ("P", 0.18629, 0.15009, 0.18475, -0.21823, 0.22002),
        slow("B", 0.20345, 0.18551, 0.20143, -0.23815, 0.23988),
    ],
)
def test_the_paper_s_pump_has_the_reference_numbers(name, first_system, first_bath, periodic, Q_A, Q_B):
    cycles = pump.run(paper(name), fuel(), 2)
    assert cycles.efficiency("system")[0] == pytest.approx(first_system, rel=1e-3)
    assert cycles.efficiency("bath")[0] == pytest.approx(first_bath, rel=1e-3)
    assert cycles.efficiency("system")[1] == pytest.approx(periodic, rel=1e-3)
    np.testing.assert_allclose(cycles.heat("system")[1], [Q_A, Q_B], rtol=1e-3)
    assert 0.17 < cycles.efficiency("system")[1] < 0.2015


def test_a_cached_pump_is_the_same(tmp_path):
    cache = Cache(directory=tmp_path / "cache").checked()
    own = Pump(pair=pair(), stroke=5.0, period=40.0)
    fresh, again = (pump.run(own, fuel(), 2, cache=cache) for _ in range(2))
    for name, array in fresh.arrays.items():
        np.testing.assert_array_equal(array, again.arrays[name])


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Pump(pair=pair(), stroke=5.0, period=4.0), "`stroke` must be positive and shorter than the period"),
        (lambda: Pump(pair=pair(), stroke=0.0), "`stroke`"),
        (lambda: Pump(pair=pair(), baths="new"), "`baths` must be kept or swapped"),
        (lambda: pump.run(Pump(pair=pair()), fuel(), 0), "`cycles` must be a whole number >= 1"),
    ],
)
def test_a_pump_that_cannot_run_is_refused(make, says):
    with pytest.raises(RequestError, match=says):
        make()
