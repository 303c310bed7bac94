"""Templates on a chip: what hardware would be sent, needs asked of the target, named qubits, and why this place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from circuit_probabilities import outcome_probabilities_of
from conftest import slow
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Parameter
from qiskit_ibm_runtime import fake_provider
from qiskit_ibm_runtime.fake_provider import (
    FakeBerlin,
    FakeFez,
    FakeFractionalBackend,
    FakeKingston,
    FakeManilaV2,
    FakeMiami,
)

from devices import Placement
from devices.chip.layout import check_needs, lay_out, off_chip, on_chip
from protocols import RequestError, compile
from protocols.algorithmic_cooling import AlgorithmicCooling
from protocols.coherence_reversal import CoherenceReversal
from protocols.cooling_floor import CoolingFloor
from protocols.heat_exchange import HeatExchange
from protocols.heat_pump import HeatPump
from protocols.maxwell_demon import MaxwellDemon
from protocols.open_exchange import OpenExchange

FEZ, MANILA = FakeFez().target, FakeManilaV2().target
PROGRAMS = {
    "pair": (HeatExchange(time=[0.0, 4.0]), {"control": "none,dephased"}, "full"),
    "purified pair": (HeatExchange(time=[0.0, 4.0], strength=0.7), {"preparation": "purified"}, "ZZ,XY"),
    "cascade, fresh": (CoherenceReversal(collisions=2, angle=[0.0, 0.4]), {"ancillas": "fresh"}, None),
    "cascade, reset": (CoherenceReversal(collisions=[1, 2]), {"ancillas": "reset", "preparation": "measured"}, None),
    "star": (CoherenceReversal(collisions=1, contact="star"), {"ancillas": "fresh"}, None),
    "cooling": (AlgorithmicCooling(method="hbac", rounds=[0, 1]), {}, None),
    "teleport": (AlgorithmicCooling(method="teleport"), {}, None),
    "floor": (CoolingFloor(), {}, None),
}


def program_of(name="pair", calibration=8):
    experiment, options, bases = PROGRAMS[name]
    points = experiment.points(options)
    return compile(experiment, points, shots=64, bases=bases, calibration_shots=calibration)


def pair_program():
    return compile(HeatExchange(time=[0.0, 4.0]), shots=64, bases="ZZ")


# ---- what hardware is sent ----


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_instruction_on_the_chip_is_one_of_its_own(name):
    program = program_of(name)
    layout = lay_out(program, FEZ, "ibm_fez")
    assert len(layout.executed) == len(program.blocks)
    for block, circuit in zip(program.blocks, layout.executed, strict=True):
        assert circuit.num_qubits == len(layout.placement.physical)
        wide = on_chip(circuit, layout.placement, 156)
        assert wide.num_qubits == 156
        assert wide.name == circuit.name == block.circuit.name
        assert wide.parameters == circuit.parameters
        assert [(r.name, r.size) for r in wide.cregs] == [(r.name, r.size) for r in block.circuit.cregs]
        for instruction in wide.data:
            places = tuple(wide.find_bit(q).index for q in instruction.qubits)
            assert instruction.operation.name == "barrier" or FEZ.instruction_supported(
                instruction.operation.name, places
            ), (instruction.operation.name, places)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_circuit_on_the_chip_has_the_probabilities_of_theory(name):
    """The whole chip as a density matrix, against `Experiment.exact`."""
    program = program_of(name)
    layout = lay_out(program, MANILA, "manila")
    generator = np.random.default_rng(5)
    chosen = generator.choice(len(program.blocks), size=min(4, len(program.blocks)), replace=False)
    for index in chosen:
        block = program.blocks[index]
        wide = on_chip(layout.executed[index], layout.placement, 5)
        row = int(generator.integers(len(block.point)))
        angles = dict(zip(block.names, block.values[row], strict=True))
        np.testing.assert_allclose(outcome_probabilities_of(wide, angles), block.probabilities[row], atol=1e-9)


def test_off_the_chip_is_the_inverse_of_on_the_chip():
    program = program_of("cascade, reset")
    layout = lay_out(program, FEZ, "ibm_fez")
    for circuit in layout.executed:
        back = off_chip(on_chip(circuit, layout.placement, 156), layout.placement)
        assert said(back) == said(circuit)
        assert back.global_phase == circuit.global_phase
        assert back.name == circuit.name


def said(circuit):
    return [
        (i.operation, [circuit.find_bit(q).index for q in i.qubits], [circuit.find_bit(c).index for c in i.clbits])
        for i in circuit.data
    ]


def test_control_flow_resets_and_reads_on_the_way_are_moved_as_they_are():
    angle = Parameter("angle")
    c, flags = ClassicalRegister(2, "c"), ClassicalRegister(1, "flags")
    circuit = QuantumCircuit(QuantumRegister(2, "q"), flags, c, name="feedback")
    circuit.rx(angle, 0)
    circuit.measure(0, flags[0])
    circuit.reset(0)
    with circuit.if_test((flags, 1)):
        circuit.cz(1, 0)
        circuit.rz(2 * angle, 1)
    circuit.measure([0, 1], c)
    placement = Placement(copy=0, physical={"B": 4, "A": 2}, score=1.0)
    wide = on_chip(circuit, placement, 5)
    assert [(r.name, r.size) for r in wide.cregs] == [("flags", 1), ("c", 2)]
    assert wide.parameters == circuit.parameters
    assert [(i.operation.name, {wide.find_bit(q).index for q in i.qubits}) for i in wide.data] == [
        ("rx", {4}),
        ("measure", {4}),
        ("reset", {4}),
        ("if_else", {2, 4}),
        ("measure", {4}),
        ("measure", {2}),
    ]
    assert off_chip(wide, placement) == circuit


def test_a_circuit_on_other_qubits_does_not_come_off_the_chip():
    circuit = QuantumCircuit(5, name="elsewhere")
    circuit.h(3)
    with pytest.raises(ValueError, match=r"elsewhere acts on qubits \[3\]"):
        off_chip(circuit, Placement(copy=0, physical={"A": 0, "B": 1}, score=1.0))


def test_the_layout_is_the_same_every_time():
    program = program_of("star")
    first, second = (lay_out(program, FEZ, "ibm_fez") for _ in range(2))
    assert first.placement == second.placement
    assert first.calibration == second.calibration
    assert first.executed == second.executed


def test_gates_of_any_angle_are_used_only_when_asked_for():
    target = FakeFractionalBackend().target
    layout = lay_out(program_of(), target, "ibm_fracfive")
    assert {"rzz", "rx"} <= set(target.operation_names)
    assert {"rzz", "rx"}.isdisjoint(name for circuit in layout.executed for name in circuit.count_ops())


# ---- needs, asked of the target ----


class Needing:
    """A program that needs something beyond gates, and nothing else that matters here."""

    def __init__(self, *needs):
        self.experiment = self
        self.points = None
        self._needs = frozenset(needs)

    def needs(self, points):
        return self._needs


CAN = {
    "fake_fez": {"reset", "mid_circuit", "feedback"},
    "fake_kingston": {"reset", "mid_circuit", "feedback"},
    "fake_boston": {"reset", "mid_circuit", "feedback"},
    "fake_miami": set(),
    "fake_berlin": set(),
    "fake_prague": {"reset", "mid_circuit"},
    "fake_geneva": {"reset", "mid_circuit"},
    "fake_oslo": {"reset", "mid_circuit"},
}


@pytest.mark.parametrize("need", ["reset", "mid_circuit", "feedback"])
@pytest.mark.parametrize("name", CAN)
def test_needs_are_asked_of_the_target(name, need):
    classes = {cls.backend_name: cls for cls in vars(fake_provider).values() if getattr(cls, "backend_name", None)}
    operations = set(classes[name]().target.operation_names)
    if need in CAN[name]:
        check_needs(Needing(need), operations, name)
    else:
        with pytest.raises(RequestError, match=rf"`device` must be capable of {need} .*{name} is not\. Take "):
            check_needs(Needing(need), operations, name)


@pytest.mark.parametrize(
    ("operations", "able"),
    [
        ({"measure"}, False),
        ({"measure", "measure_2"}, True),
        ({"measure", "if_else"}, True),
        ({"measure", "reset"}, True),
        ({"measure", "for_loop"}, False),
    ],
)
def test_a_measurement_amid_a_circuit_needs_evidence(operations, able):
    if able:
        check_needs(Needing("mid_circuit"), operations, "chip")
    else:
        with pytest.raises(RequestError, match="mid_circuit"):
            check_needs(Needing("mid_circuit"), operations, "chip")


def test_a_chip_without_reset_refuses_a_program_with_resets_before_anything_else():
    with pytest.raises(RequestError, match="ibm_berlin"):
        lay_out(program_of("cascade, reset"), FakeBerlin().target, "ibm_berlin")
    lay_out(program_of("cascade, reset"), FakeKingston().target, "ibm_kingston")


SHORT = {
    "cooling-floor": (CoolingFloor(), {}),
    "heat-pump": (HeatPump(cycles=[0, 1]), {}),
    "open-exchange": (OpenExchange(steps=1, time=[0.0, 4.0]), {}),
    "demon": (MaxwellDemon(), {"feedback": "measured"}),
    "first reading": (HeatExchange(time=[0.0, 4.0]), {"first-reading": "measured"}),
}


@pytest.mark.parametrize("backend", [slow(FakeMiami), FakeBerlin], ids=["miami", "berlin"])
@pytest.mark.parametrize("name", [name if name == "first reading" else slow(name) for name in SHORT])
def test_the_way_round_is_one(name, backend):
    """Refused with the options that need what the chip lacks; with those named in their place it runs there."""
    (experiment, options), target = SHORT[name], backend().target

    def made(chosen):
        return compile(experiment, experiment.points(chosen), shots=4096)

    with pytest.raises(RequestError, match=r"must be capable of .* but ibm_new is not") as refused:
        lay_out(made(options), target, "ibm_new")
    words = str(refused.value).partition(" is not. Take ")[2].partition(";")[0].partition(",")[0].split()
    assert words
    named = {word.removeprefix("--"): value for word, value in zip(words[::2], words[1::2], strict=True)}
    assert all(named[option] != value for option, value in options.items())
    executed = lay_out(made({**options, **named}), target, "ibm_new").executed
    assert {"reset", "if_else"}.isdisjoint({gate for circuit in executed for gate in circuit.count_ops()})


# ---- qubits named by the user ----


@pytest.mark.parametrize("qubits", [(12, 13), (13, 12), (40, 41)])
def test_named_qubits_hold_the_wires_in_their_order(qubits):
    program = program_of()
    layout = lay_out(program, FEZ, "ibm_fez", qubits=qubits)
    assert list(layout.placement.physical.items()) == [("A", qubits[0]), ("B", qubits[1])]
    for block, circuit in zip(program.blocks, layout.executed, strict=True):
        wide = on_chip(circuit, layout.placement, 156)
        reads = wide.get_instructions("measure")
        read = {wide.find_bit(i.clbits[0]).index: wide.find_bit(i.qubits[0]).index for i in reads}
        assert read == dict(enumerate(qubits)), "bit 0 is outcome A"
        assert len(block.setting.outcomes) == 2


def test_the_order_of_named_qubits_is_that_of_the_wires_of_a_line():
    program = program_of("purified pair", calibration=0)
    wires = list(dict.fromkeys(r.name for b in program.blocks for r in b.circuit.qregs))
    line = {"C_A": 0, "A": 1, "B": 2, "C_B": 3}
    layout = lay_out(program, MANILA, "manila", qubits=[line[wire] for wire in wires])
    assert dict(layout.placement.physical) == line
    with pytest.raises(RequestError, match=rf"`qubits` must be coupled as .*{','.join(wires)} in this order"):
        lay_out(program, MANILA, "manila", qubits=(0, 1, 2, 3))


@pytest.mark.parametrize(
    ("qubits", "rule"),
    [
        ((12, 200), r"be among 0\.\.155 of ibm_fez, but is 12,200"),
        ((-1, 0), r"be among 0\.\.155"),
        ((12, 12), "be different qubits, but is 12,12"),
        ((12, 13, 14), "name one qubit for each wire, in the order A,B, but is 12,13,14"),
        ((12,), "name one qubit for each wire"),
        ((), "name one qubit for each wire"),
        ((12, 14), "be coupled as A-B, with A,B in this order, but 12 and 14 have no usable coupler on ibm_fez"),
    ],
)
def test_named_qubits_that_cannot_be_are_refused_with_near_ones_that_can(qubits, rule):
    with pytest.raises(RequestError, match=f"Argument `qubits` must {rule}") as caught:
        lay_out(pair_program(), FEZ, "ibm_fez", qubits=qubits)
    tried = str(caught.value).partition("Try --qubits ")[2].rstrip(".").split(" or ")
    assert len(tried) == 2
    for text in tried:
        again = tuple(map(int, text.split(",")))
        assert lay_out(pair_program(), FEZ, "ibm_fez", qubits=again).placement.score > 0.5
        assert not qubits or max(qubits) > 155 or set(again) & set(qubits) or min(qubits) < 0, "near by"
    assert len(str(caught.value)) < 300


def test_qubits_may_be_named_for_a_simulated_chip():
    from devices import open_device

    device = replace(open_device("aer:fake_fez"), qubits=(12, 13))
    plan = device.prepare(pair_program(), 1)
    assert list(plan.placements[0].physical.values()) == [12, 13]
