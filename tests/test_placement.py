"""Which qubits: the best place by the calibration, nothing broken, and a score whose factors can be followed."""

from __future__ import annotations

import itertools
import math
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from doctored_chips import PAIRS, both_ways, doctored
from qiskit.transpiler import InstructionProperties, Target
from qiskit_aer.noise import NoiseModel
from qiskit_ibm_runtime.fake_provider import FakeFez, FakeManilaV2

from devices import Plan, execute, open_device
from devices.chip import best_pairs
from devices.chip.layout import lay_out
from devices.simulators.aer import Aer
from protocols import Program, RequestError, compile
from protocols.algorithmic_cooling import AlgorithmicCooling
from protocols.coherence_reversal import CoherenceReversal
from protocols.heat_exchange import HeatExchange

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit

FEZ, MANILA = FakeFez().target, FakeManilaV2().target
VIRTUAL = {"rz", "barrier", "delay"}
PROGRAMS = {
    "purified pair": (HeatExchange(time=[0.0, 4.0], strength=0.7), {"preparation": "purified"}, "ZZ,XY"),
    "star": (CoherenceReversal(collisions=1, contact="star"), {"ancillas": "fresh"}, None),
    "cooling": (AlgorithmicCooling(method="hbac", rounds=[0, 1]), {}, None),
}


def heat_exchange(
    *,
    bases: str = "ZZ",
    shots: int = 32,
    calibration: int = 0,
    options: Mapping[str, str] | None = None,
    **fields: Any,
) -> Program:
    experiment = HeatExchange(**{"time": [0.0, 5.0], **fields})
    points = experiment.points(options)
    return compile(experiment, points, shots=shots, bases=bases, calibration_shots=calibration)


def gates(circuit: QuantumCircuit) -> list[tuple[str, tuple[int, ...]]]:
    """Name and qubits of every real operation."""
    found = [(i.operation.name, tuple(circuit.find_bit(q).index for q in i.qubits)) for i in circuit.data]
    return [gate for gate in found if gate[0] not in VIRTUAL]


def noise_of(device: Aer, plan: Plan) -> NoiseModel:
    return typing.cast("Any", device._simulator(plan).options).noise_model


def program_of(name="pair", calibration=8):
    experiment, options, bases = PROGRAMS[name]
    points = experiment.points(options)
    return compile(experiment, points, shots=64, bases=bases, calibration_shots=calibration)


def pair_program():
    return compile(HeatExchange(time=[0.0, 4.0]), shots=64, bases="ZZ")


# ---- which place is chosen, by errors made up ----


def placed(device: Aer, **options: Any) -> dict[str, int]:
    return dict(device.prepare(heat_exchange(**options), 1).placements[0].physical)


def is_line(chain: tuple[int, ...]) -> bool:
    return all(tuple(sorted(pair)) in PAIRS for pair in itertools.pairwise(chain))


@pytest.mark.parametrize("best", PAIRS)
def test_the_pair_with_the_better_coupler_is_chosen(best: tuple[int, int]) -> None:
    assert set(placed(doctored(couplers=both_ways({best: 0.004}))).values()) == set(best)


@pytest.mark.parametrize("best", PAIRS)
def test_the_pair_with_the_better_readout_is_chosen(best: tuple[int, int]) -> None:
    assert set(placed(doctored(readout=dict.fromkeys(best, 0.01))).values()) == set(best)


@pytest.mark.parametrize("best", PAIRS)
def test_the_pair_that_lives_longer_is_chosen(best: tuple[int, int]) -> None:
    assert set(placed(doctored(lifetime=dict.fromkeys(best, 1e-3))).values()) == set(best)


@pytest.mark.parametrize("bad", [0.5, 0.7, 1.0, math.nan])
@pytest.mark.parametrize("left", PAIRS)
def test_a_coupler_with_an_error_of_a_half_or_more_is_never_used(left: tuple[int, int], bad: float) -> None:
    others = {pair: bad for pair in PAIRS if pair != left}
    device = doctored(couplers=both_ways({**others, left: 0.4}))
    assert set(placed(device).values()) == set(left)
    with pytest.raises(RequestError, match="usable"):
        doctored(couplers=both_ways(dict.fromkeys(PAIRS, bad))).prepare(heat_exchange(), 1)


@pytest.mark.parametrize("bad", [0.5, 1.0, math.nan])
def test_a_qubit_that_cannot_be_read_is_never_read(bad: float) -> None:
    device = doctored(readout={1: bad, 3: bad, 4: bad}, couplers=both_ways({(2, 3): 0.001}))
    with pytest.raises(RequestError, match="usable"):
        device.prepare(heat_exchange(), 1)
    assert set(placed(doctored(readout={0: bad, 1: bad, 2: bad})).values()) == {3, 4}


@pytest.mark.parametrize("dead", [(0, 1), (1, 0)])
@pytest.mark.parametrize("bad", [0.6, 1.0])
def test_a_direction_that_is_switched_off_is_not_run(dead: tuple[int, int], bad: float) -> None:
    """FakeHanoiV2 has such couplers: cx(19, 20) is 1.0 and cx(20, 19) is 0.009."""
    device = doctored(couplers={dead: bad, (dead[1], dead[0]): 0.0005})
    plan = device.prepare(heat_exchange(), 1)
    physical = list(plan.placements[0].physical.values())
    noisy = noise_of(device, plan)._local_quantum_errors
    for circuit in plan.executed:
        for name, qubits in gates(circuit):
            if name == "cx":
                assert qubits in noisy["cx"], "a gate without noise"
                assert tuple(physical[q] for q in qubits) != dead


def test_a_qubit_whose_gate_is_broken_is_neither_used_nor_free_of_noise() -> None:
    device = doctored(sx={0: 1.0, 1: 1.0}, couplers=both_ways({(0, 1): 0.001}))
    plan = device.prepare(heat_exchange(), 1)
    for q in range(2):
        assert (q,) in noise_of(device, plan)._local_quantum_errors["sx"], "a gate without noise"
    assert set(plan.placements[0].physical.values()).isdisjoint({0, 1})


@pytest.mark.parametrize(
    ("strength", "chain"), [(1.0, ("A", "B", "C_B")), (0.7, ("C_A", "A", "B", "C_B"))], ids=["rank two", "full rank"]
)
@pytest.mark.parametrize("coupler", PAIRS)
def test_a_purified_preparation_is_placed_on_a_connected_line(
    strength: float, chain: Sequence[str], coupler: tuple[int, int]
) -> None:
    device = doctored(couplers=both_ways({coupler: 0.001}))
    plan = device.prepare(heat_exchange(strength=strength, options={"preparation": "purified"}, calibration=8), 1)
    physical = dict(plan.placements[0].physical)
    assert set(physical) == set(chain)
    assert len(set(physical.values())) == len(chain)
    assert is_line(tuple(physical[wire] for wire in chain))
    qubits = list(physical.values())
    for circuit in plan.executed:
        for name, used in gates(circuit):
            if name == "cx":
                assert tuple(sorted(qubits[q] for q in used)) in PAIRS
            assert name != "swap"


def test_ancillas_need_no_readout() -> None:
    readout = {0: 0.9, 1: 0.01, 2: 0.01, 3: 0.9, 4: 0.9}
    physical = placed(doctored(readout=readout), options={"preparation": "purified"})
    assert {physical["A"], physical["B"]} == {1, 2}
    assert physical["C_B"] in (0, 3)


def test_the_chosen_place_and_its_calibration_are_recorded(tmp_path: Path) -> None:
    device = doctored(couplers=both_ways({(2, 3): 0.004}), readout={2: 0.011, 3: 0.012})
    record = execute(heat_exchange(calibration=8), device, runs=tmp_path, seed=1)
    about = record.start["device"]
    (placement,) = about["placements"]
    assert set(placement["physical"]) == {"A", "B"}
    assert set(placement["physical"].values()) == {2, 3}
    assert 0 < placement["score"] < 1
    for wire, physical in placement["physical"].items():
        assert about["calibration"]["qubits"][wire]["physical"] == physical
        assert about["calibration"]["qubits"][wire]["readout_error"] == {2: 0.011, 3: 0.012}[physical]
    (coupler,) = about["calibration"]["couplers"].values()
    assert coupler["error"] == 0.004
    assert about["name"] == "aer:fake_manila"


def test_a_better_place_has_a_better_score() -> None:
    scores = [
        doctored(couplers=both_ways(dict.fromkeys(PAIRS, error))).prepare(heat_exchange(), 1).placements[0].score
        for error in (0.001, 0.01, 0.1)
    ]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 3


def test_the_place_does_not_depend_on_the_seed() -> None:
    plans = [open_device("aer:fake_manila").prepare(heat_exchange(), seed) for seed in (1, 2)]
    assert plans[0].placements == plans[1].placements
    assert [gates(c) for c in plans[0].executed] == [gates(c) for c in plans[1].executed]


def test_a_chip_that_is_too_small_is_refused_with_the_shape_that_is_needed() -> None:
    device = doctored(couplers=both_ways({(2, 3): 0.9}))
    with pytest.raises(RequestError, match="A-B") as caught:
        device.prepare(heat_exchange(strength=0.7, options={"preparation": "purified"}), 1)
    for text in ("4 usable qubits", "aer:fake_manila", "C_A", "C_B"):
        assert text in str(caught.value)


# ---- what is broken, by name ----


def with_broken(**broken):
    """Manila's target with errors of 0.9 of these operations at these places."""
    target = FakeManilaV2().target
    for name, places in broken.items():
        for place in places:
            target.update_instruction_properties(name, place, InstructionProperties(duration=1e-7, error=0.9))
    return target


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ({"sx": [(1,)]}, "1 of manila is not"),
        ({"measure": [(2,)]}, "2 of manila is not"),
        ({"cx": [(1, 2), (2, 1)]}, "1 and 2 have no usable coupler"),
    ],
)
def test_a_broken_qubit_or_coupler_is_refused_by_name(broken, named):
    target = with_broken(**broken)
    with pytest.raises(RequestError, match=f"`qubits`.*{named}"):
        lay_out(pair_program(), target, "manila", qubits=(1, 2))
    assert set(lay_out(pair_program(), target, "manila").placement.physical.values()) != {1, 2}


@pytest.mark.parametrize("name", ["sx", "x", "measure"])
def test_what_a_target_no_longer_lists_for_a_qubit_is_not_used_there(name):
    """The client's conversion leaves out what is not operational."""
    whole = FakeManilaV2().target
    chosen = lay_out(pair_program(), whole, "manila").placement.physical.values()
    gone = next(iter(chosen))
    target = Target(num_qubits=5, dt=whole.dt, qubit_properties=whole.qubit_properties)
    for known in whole.operation_names:
        operation = whole.operation_from_name(known)
        if isinstance(operation, type):
            target.add_instruction(operation, name=known)
            continue
        entries = {q: p for q, p in whole[known].items() if (known, q) != (name, (gone,))}
        target.add_instruction(operation, entries, name=known)
    assert gone not in lay_out(pair_program(), target, "manila").placement.physical.values()
    with pytest.raises(RequestError, match=f"{gone} of manila is not"):
        lay_out(pair_program(), target, "manila", qubits=tuple(chosen))
    assert all(gone not in pair.qubits for pair in best_pairs(target, 10))


# ---- what the score is made of ----


def product(score):
    factors = [one["factor"] for kind in ("gates", "readout") for one in score[kind].values()]
    return math.prod([*factors, score["relaxation"]["factor"]])


def by_hand(target, a, b, gates):
    """Score of a pair from the reported numbers alone, both qubits read; None where it is not usable."""
    two = "cz" if "cz" in target.operation_names else "cx"
    listed = [target[two].get(pair) for pair in ((a, b), (b, a))]
    found = min((p for p in listed if p is not None), key=lambda p: (p.error, p.duration))
    readout = [target["measure"][(q,)].error for q in (a, b)]
    if not (found.error < 0.5 and max(readout) < 0.5 and all(target["sx"][(q,)].error < 0.5 for q in (a, b))):
        return None
    rates = sum(1 / t for q in (a, b) for t in (target.qubit_properties[q].t1, target.qubit_properties[q].t2) if t)
    busy = gates * found.duration
    return (1 - found.error) ** gates * (1 - readout[0]) * (1 - readout[1]) * math.exp(-busy * rates / 2)


def all_by_hand(target, gates):
    two = "cz" if "cz" in target.operation_names else "cx"
    pairs = {tuple(sorted(q)) for q in target[two]}
    scores = {pair: by_hand(target, *pair, gates) for pair in pairs}
    return sorted(((s, pair) for pair, s in scores.items() if s is not None), reverse=True)


@pytest.mark.parametrize("target", [FEZ, MANILA], ids=["fez", "manila"])
def test_the_score_is_the_product_of_its_factors_and_the_best_by_hand(target):
    layout = lay_out(pair_program(), target, "chip")
    score = layout.calibration["score"]
    assert math.isclose(score["value"], layout.placement.score, rel_tol=1e-12)
    assert math.isclose(product(score), layout.placement.score, rel_tol=1e-12)
    assert score["gates"]["A-B"]["gates"] == 3
    ranking = all_by_hand(target, 3)
    assert math.isclose(ranking[0][0], score["value"], rel_tol=1e-9)
    assert set(ranking[0][1]) == set(layout.placement.physical.values())
    assert score["examined"] == len(ranking)
    assert set(ranking[1][1]) == set(score["runner_up"]["physical"].values())
    assert math.isclose(ranking[1][0], score["runner_up"]["score"], rel_tol=1e-9)
    assert score["named"] is False


def test_named_qubits_are_compared_with_the_best_place():
    best = lay_out(pair_program(), FEZ, "ibm_fez")
    named = lay_out(pair_program(), FEZ, "ibm_fez", qubits=(12, 13))
    score = named.calibration["score"]
    assert score["named"] is True
    assert score["runner_up"] == {"physical": dict(best.placement.physical), "score": best.placement.score}
    assert score["value"] < score["runner_up"]["score"]
    assert math.isclose(product(score), named.placement.score, rel_tol=1e-12)


@pytest.mark.parametrize("name", ["star", "purified pair", "cooling"])
def test_factors_of_a_larger_program_make_up_its_score_too(name):
    layout = lay_out(program_of(name), FEZ, "ibm_fez")
    score = layout.calibration["score"]
    assert math.isclose(product(score), layout.placement.score, rel_tol=1e-12)
    assert score["runner_up"]["score"] <= layout.placement.score
    assert set(score["runner_up"]["physical"].values()) != set(layout.placement.physical.values())


@pytest.mark.parametrize("target", [FEZ, MANILA], ids=["fez", "manila"])
def test_the_best_pairs_are_those_ranked_by_hand(target):
    ranking = all_by_hand(target, 3)
    count = min(5, len(ranking))
    found = best_pairs(target, count)
    assert [tuple(sorted(pair.qubits)) for pair in found] == [pair for _, pair in ranking[:count]]
    for pair, (score, _) in zip(found, ranking, strict=False):
        assert math.isclose(pair.score, score, rel_tol=1e-9)
        assert pair.readout_errors == tuple(target["measure"][(q,)].error for q in pair.qubits)
    assert len(best_pairs(target, 10**6)) == len(ranking)


def test_a_chip_without_a_usable_pair_has_no_best_one():
    target = with_broken(cx=[pair for a in range(4) for pair in ((a, a + 1), (a + 1, a))])
    assert best_pairs(target, 3) == ()
