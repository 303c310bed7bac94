"""Copies side by side: chosen as well as by trying every choice, each measured with the noise of its own qubits."""

import itertools
import json

import numpy as np
import pytest

from devices import HardwareOptions, execute, open_device
from devices.chip.packing import near, pack
from devices.model import Placement
from devices.record.plan_file import stored_plan
from protocols import RequestError, compile
from protocols.heat_exchange import HeatExchange


def grid(rows, columns):
    """Qubits of a square lattice, and those that couplers join."""
    at = {(i, j): i * columns + j for i in range(rows) for j in range(columns)}
    steps = ((0, 1), (1, 0), (0, -1), (-1, 0))
    return {q: frozenset(at[i + a, j + b] for a, b in steps if (i + a, j + b) in at) for (i, j), q in at.items()}


def pairs(graph, seed):
    """Every coupler as a place, with a score of its own."""
    scores = np.random.default_rng(seed)
    found = [(a, b) for a in graph for b in graph[a] if a < b]
    places = [Placement(copy=0, physical={"A": a, "B": b}, score=float(scores.uniform(0.5, 1))) for a, b in found]
    return sorted(places, key=lambda place: -place.score)


def qubits(place):
    return frozenset(place.physical.values())


def exhaustive(places, graph, spacing):
    """The greatest sum of scores by trying every choice."""
    around = [near(qubits(place), graph, spacing) for place in places]

    def best(index, taken, total):
        if index == len(places):
            return total
        without = best(index + 1, taken, total)
        if any(around[index] & qubits(places[other]) for other in taken):
            return without
        return max(without, best(index + 1, (*taken, index), total + places[index].score))

    return best(0, (), 0.0)


@pytest.mark.parametrize(("spacing", "seed"), [(0, 1), (1, 2), (2, 3), (3, 4)])
def test_packing_is_the_best_of_all_choices(spacing, seed):
    graph = grid(3, 4)
    places = pairs(graph, seed)
    found = pack(places, graph, spacing=spacing, floor=0.0)
    assert sum(place.score for place in found.placements) == pytest.approx(exhaustive(places, graph, spacing), abs=1e-9)
    assert found.exact
    assert found.bound >= found.gain - 1e-9 >= found.greedy_gain - 2e-9


@pytest.mark.parametrize("spacing", [0, 1, 2])
def test_copies_keep_their_distance_and_their_floor(spacing):
    graph = grid(6, 7)
    places = pairs(graph, 5)
    found = pack(places, graph, spacing=spacing, floor=0.8)
    assert len(found.placements) > 1
    for one, other in itertools.combinations(found.placements, 2):
        assert near(qubits(one), graph, spacing).isdisjoint(qubits(other))
    assert min(place.score for place in found.placements) >= 0.8 * places[0].score
    assert [place.copy for place in found.placements] == list(range(len(found.placements)))


def test_of_some_copies_the_best_are_taken():
    graph = grid(4, 5)
    places = pairs(graph, 6)
    two = pack(places, graph, spacing=1, floor=0.0, most=2)
    best = max(
        one.score + other.score
        for one, other in itertools.combinations(places, 2)
        if near(qubits(one), graph, 1).isdisjoint(qubits(other))
    )
    assert len(two.placements) == 2
    assert sum(place.score for place in two.placements) == pytest.approx(best, abs=1e-12)


@pytest.fixture(scope="module")
def prepared():
    """A small sweep for two copies on the stored calibration."""
    experiment = HeatExchange(time=np.array([0.0, 1.5]))
    points = experiment.points({}, "measured")
    program = compile(experiment, points, shots=200, bases="full", calibration_shots=100)
    device = open_device("aer:fake_fez", HardwareOptions(copies=2))
    return program, device, device.prepare(program, 1)


def test_each_copy_has_the_noise_of_its_own_qubits(prepared):
    program, device, plan = prepared
    for copy, placement in enumerate(plan.placements):
        alone = open_device("aer:fake_fez", HardwareOptions(qubits=tuple(placement.physical.values())))
        expected = alone.expected_probabilities(alone.prepare(program, 1))
        found = device.expected_probabilities(plan.of_copy(copy))
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-12)
    states = device.predicted(plan)["state"]
    assert states.shape[0] == 2
    assert not np.allclose(states[0], states[1], atol=1e-6)


def test_a_run_with_copies_counts_each_of_them(prepared, tmp_path):
    program, device, plan = prepared
    record = execute(program, device, runs=tmp_path, seed=1)
    counts = record.counts()
    assert record.copies == 2
    assert counts.groupby("copy")["count"].sum().nunique() == 1
    assert record.start["device"]["copies"]["number"] == 2
    again = stored_plan(record.path, record.start, circuits=False)
    assert again.placements == plan.placements
    assert [job.slots for job in again.jobs] == [job.slots for job in plan.jobs]


def test_of_one_copy_nothing_is_recorded_anew(tmp_path):
    experiment = HeatExchange(time=np.array([0.0, 1.5]))
    program = compile(experiment, experiment.points({}, "measured"), shots=50, bases="minimal")
    record = execute(program, open_device("aer:fake_fez"), runs=tmp_path, seed=1)
    assert record.copies == 1
    assert "copies" not in json.loads((record.path / "start.json").read_text())["device"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"copies": 0}, "must be a whole number from 1 to 4"),
        ({"copies": 500}, r"best, 4\d fit on aer:fake_fez\. 6\d would with --spacing 0"),
        ({"spacing": -1, "copies": 2}, "`spacing` must be a whole number of idle qubits"),
        ({"floor": 1.5, "copies": 2}, "`floor` must be a fraction of the best score"),
        ({"qubits": (4, 5, 5, 6), "copies": 2}, "different qubits for all copies, but 5 stands more than once"),
        ({"qubits": (4, 5, 9), "copies": 2}, "must name 2 qubits a copy"),
    ],
)
def test_copies_that_cannot_be_are_refused_with_what_can(prepared, options, said):
    program, _, _ = prepared
    with pytest.raises(RequestError, match=said):
        open_device("aer:fake_fez", HardwareOptions(**options)).prepare(program, 1)


def test_copies_named_by_the_user_are_taken_in_their_order(prepared):
    program, _, _ = prepared
    plan = open_device("aer:fake_fez", HardwareOptions(qubits=(136, 143, 4, 5), copies="all")).prepare(program, 1)
    assert [tuple(place.physical.values()) for place in plan.placements] == [(136, 143), (4, 5)]
