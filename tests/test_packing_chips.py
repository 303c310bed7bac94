"""Copies on the stored calibrations of real chips, against the bound of the integer program or a search of minutes."""

import itertools
import math
import warnings

import pytest
from conftest import slow

from devices.chip.packing import pack
from devices.chip.score import Demand, quality
from devices.chip.target import broken, coupled
from devices.model import Placement
from devices.simulators.aer import open_backend

ENOUGH = 0.97
GATES = {2: (3,), 3: (3, 2), 4: (2, 2, 2)}
"""Two-qubit gates along the line, by its number of wires."""
LONG = {3: 21.66, 4: 16.71}
"""Gain by wires that a search of seven minutes found on the square lattice, whose bound is loose."""


def target_of(chip):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        backend = open_backend(chip).backend
    assert backend is not None
    return backend.target


def lines(target, wires):
    """Every line of usable qubits with its score in its better direction, the best first."""
    known, dead = quality(target), broken(target, set())
    near = {}
    for a, b in known.couplers:
        near.setdefault(a, []).append(b)
        near.setdefault(b, []).append(a)
    usable = {qubit for qubit in near if qubit not in dead and known.readout[qubit] < 0.5}
    found = [(qubit,) for qubit in usable]
    for _ in range(wires - 1):
        found = [(*line, other) for line in found for other in near[line[-1]] if other in usable and other not in line]
    names = "abcd"[:wires]
    pairs = itertools.pairwise(names)
    demand = Demand(wires=tuple(names), gates=dict(zip(pairs, GATES[wires], strict=True)), read=tuple(names))
    best = {}
    for line in found:
        physical = dict(zip(names, line, strict=True))
        score = math.exp(known.logarithm(demand, physical))
        if score > best.get(frozenset(line), (0.0,))[0]:
            best[frozenset(line)] = score, physical
    ranked = sorted(best.values(), key=lambda one: -one[0])
    return [Placement(copy=0, physical=physical, score=score) for score, physical in ranked]


@pytest.mark.slow
@pytest.mark.parametrize("wires", [2, 3, 4])
@pytest.mark.parametrize("chip", ["fake_fez", "fake_kingston", "fake_boston", "fake_pittsburgh"])
def test_copies_on_heavy_hexagons_come_near_what_no_choice_exceeds(chip, wires):
    target = target_of(chip)
    found = pack(lines(target, wires), coupled(target))
    assert found.gain >= ENOUGH * found.bound
    assert found.gain >= found.greedy_gain


@pytest.mark.parametrize("wires", [slow(2), slow(3), slow(4)])
def test_copies_on_a_square_lattice_come_near_what_a_long_search_finds(wires):
    target = target_of("fake_nighthawk")
    found = pack(lines(target, wires), coupled(target))
    assert found.gain >= ENOUGH * LONG.get(wires, found.bound)


def test_pairs_on_a_chip_of_156_qubits():
    target = target_of("fake_fez")
    places = lines(target, 2)
    for floor, least in ((0.0, 44), (0.9, 43)):
        found = pack(places, coupled(target), floor=floor)
        assert found.exact
        assert len(found.placements) >= least
        assert found.gain == pytest.approx(sum(one.score for one in found.placements) / places[0].score)
