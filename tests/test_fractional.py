"""Partial swaps by rzz of 0 .. pi/2: the same unitary at every row of the sweep, within the bounds, no gate more."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from circuit_probabilities import outcome_probabilities_of
from hypothesis import example, given, settings
from hypothesis import strategies as st
from protocol_conformance import small
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.circuit.library import RXGate, RZZGate, XXMinusYYGate, XXPlusYYGate
from qiskit.quantum_info import Operator
from qiskit_ibm_runtime.fake_provider import FakeFez, FakeFractionalBackend, FakeManilaV2

from devices import execute, open_device
from devices.chip import LARGEST, fold, reduced
from devices.chip.layout import lay_out, on_chip
from protocols import RequestError, compile, load, names
from protocols.coherence_reversal import CoherenceReversal
from protocols.heat_exchange import HeatExchange
from protocols.heat_pump import HeatPump

deterministic = settings(deadline=None, derandomize=True, max_examples=60)


def heron():
    """Fez with rzz beside cz and rx beside sx, as its successors report them."""
    target = FakeFez().target
    target.add_instruction(RZZGate(Parameter("theta")), dict(target["cz"]))
    target.add_instruction(RXGate(Parameter("theta")), dict(target["sx"]))
    return target


TARGETS = {"fracfive": FakeFractionalBackend().target, "heron": heron()}
# every protocol near its defaults, and where angles leave their usual range
SWEEPS = {
    **{name: (load(name)(**small(name, 7)), {}) for name in names()},
    # without reads on the way, so that templates are unitary
    "open-exchange": (
        load("open-exchange")(steps=1),
        {"preparation": "ensemble", "ancillas": "fresh", "control": "none"},
    ),
    "heat-pump": (HeatPump(cycles=[0, 1]), {"preparation": "ensemble", "ancillas": "fresh", "control": "none"}),
    "purified": (HeatExchange(strength=0.7), {"preparation": "purified"}),
    "merged": (HeatExchange(coupling_phase=0.0), {"merge": "yes", "control": "none"}),
    "five periods": (HeatExchange(time=np.linspace(0, 160, 41), coupling_phase=-2.9), {}),
    "negative angles": (CoherenceReversal(angle=np.linspace(-7, 7, 29)), {"ancillas": "fresh"}),
    "star": (CoherenceReversal(angle=np.linspace(-3, 3, 7), contact="star"), {"ancillas": "fresh"}),
}


def program_of(name, shots=64):
    experiment, options = SWEEPS[name]
    bases = "Z" * len(experiment.qubits)
    return compile(experiment, experiment.points(options), shots=max(shots, 4096), bases=bases)


def bound(circuit, names, row):
    values = dict(zip(names, row, strict=True))
    return circuit.assign_parameters({p: values[p.name] for p in circuit.parameters})


def unitary(circuit):
    bare = circuit.copy()
    bare.remove_final_measurements()
    return Operator(bare).data


def is_unitary(circuit):
    """Whether nothing is reset or read before the end."""
    bare = circuit.copy()
    bare.remove_final_measurements()
    return not {"reset", "measure"} & set(bare.count_ops())


def overlap(first, second):
    """1 if two unitaries are equal up to a phase."""
    return abs(np.trace(first.conj().T @ second)) / len(first)


def rotations(circuit, names, values):
    """Angle of every rzz at every row, (rows, gates)."""
    found = [
        [float(i.operation.params[0]) for i in bound(circuit, names, row).get_instructions("rzz")] for row in values
    ]
    return np.array(found)


# ---- numbers ----

EDGES = [k * np.pi / 2 + d for k in range(-9, 10) for d in (0.0, 1e-16, -1e-16, 1e-15, -1e-15, 1e-9, -1e-9)]


@given(st.one_of(st.floats(-1e4, 1e4), st.sampled_from(EDGES)))
@example(np.nextafter(np.pi / 2, 4))
@example(-np.nextafter(np.pi / 2, 4))
@example(-0.0)
@example(5e-324)
@settings(deadline=None, derandomize=True, max_examples=400)
def test_every_angle_is_reduced_into_the_bounds_exactly(angle):
    phi, turn, flip = (float(value) for value in reduced(np.array(angle)))
    assert 0 <= phi <= np.pi / 2 == LARGEST
    assert turn in (0.0, np.pi)
    assert flip in (0.0, np.pi)
    again = turn + math.cos(flip) * phi
    assert abs(np.exp(1j * again) - np.exp(1j * angle)) < 1e-11


# ---- unitaries ----


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=pytest.mark.slow) if one == "open-exchange" else one for one in SWEEPS]
)
def test_the_folded_template_is_the_template_at_every_point(name):
    program = program_of(name)
    compared = 0
    for block in program.blocks:
        folded, found, values = fold(block.circuit, block.names, block.values)
        assert not {"xx_plus_yy", "xx_minus_yy"} & set(folded.count_ops())
        for row, own in zip(block.values, values, strict=True):
            before, after = bound(block.circuit, block.names, row), bound(folded, found, own)
            if not is_unitary(before):
                expected = outcome_probabilities_of(before, {})
                np.testing.assert_allclose(outcome_probabilities_of(after, {}), expected, atol=1e-12)
            else:
                assert overlap(unitary(before), unitary(after)) > 1 - 1e-12
            compared += 1
    assert compared >= len(program.points)


@given(st.lists(st.floats(-20, 20), min_size=4, max_size=4), st.booleans())
@deterministic
def test_partial_swaps_pair_gates_and_rotations_by_any_angle(angles, free):
    a, b, c, d = (Parameter(n) for n in "abcd") if free else angles
    circuit = QuantumCircuit(3)
    circuit.append(XXPlusYYGate(2 * a, b - 0.3), [0, 1])
    circuit.rzz(a - c, 1, 2)
    circuit.append(XXMinusYYGate(c, d), [2, 0])
    circuit.append(XXMinusYYGate(0.4 - d, 0), [1, 0])
    circuit.rzz(d, 2, 0)
    circuit.append(XXPlusYYGate(b, 0), [2, 1])
    folded, found, values = fold(circuit, "abcd", np.array([angles]))
    assert overlap(unitary(bound(circuit, "abcd", angles)), unitary(bound(folded, found, values[0]))) > 1 - 1e-10
    turned = rotations(folded, found, values)
    assert ((turned >= 0) & (turned <= np.pi / 2)).all()
    assert turned.shape == (1, 10)
    again = fold(folded, found, values)
    assert again[0] is folded
    assert again[1] == found


def test_the_same_gate_before_a_reset_and_after_has_one_set_of_angles():
    theta = Parameter("theta")
    circuit = QuantumCircuit(2, 1)
    for _ in range(3):
        circuit.append(XXPlusYYGate(2 * theta, 0), [0, 1])
        circuit.reset(1)
    folded, found, values = fold(circuit, ["theta"], np.linspace(-9, 9, 50)[:, None])
    assert found == ("fold_0", "fold_0_turn", "fold_0_flip")
    assert values.shape == (50, 3)
    assert folded.num_parameters == 3


def test_what_needs_no_folding_is_returned_as_it_is():
    circuit = QuantumCircuit(2, name="plain")
    circuit.cx(0, 1)
    circuit.rzz(0.3, 0, 1)
    circuit.rzz(Parameter("t"), 0, 1)
    values = np.array([[0.0], [np.pi / 2]])
    assert fold(circuit, ["t"], values)[0] is circuit
    folded = fold(circuit, ["t"], values + 1e-15)[0]
    assert folded is not circuit
    assert folded.name == "plain"


def test_an_angle_that_is_not_affine_is_not_guessed():
    t = Parameter("t")
    circuit = QuantumCircuit(2)
    circuit.rzz(t * t, 0, 1)
    with pytest.raises(ValueError, match="affine"):
        fold(circuit, ["t"], np.array([[2.0]]))


# ---- as executed ----


# its four couplers make a T, on which there is no line of five
FITTING = [(name, chip) for name in SWEEPS for chip in TARGETS if (name, chip) != ("algorithmic-cooling", "fracfive")]


@pytest.mark.parametrize(("name", "chip"), FITTING)
def test_what_is_executed_stays_within_the_bounds_with_no_gate_more(name, chip):
    program, target = program_of(name), TARGETS[chip]
    plain, layout = (lay_out(program, target, chip, fractional=f) for f in (False, True))
    assert layout.placement == plain.placement
    swaps = 0
    for index, (block, circuit) in enumerate(zip(program.blocks, layout.executed, strict=True)):
        found, values = layout.angles.get(index, (block.names, block.values))
        assert {p.name for p in circuit.parameters} <= set(found)
        assert len(values) == len(block.values)
        turned = rotations(circuit, found, values)
        assert ((turned >= 0) & (turned <= np.pi / 2)).all()
        swaps += turned.size
        wide = on_chip(circuit, layout.placement, target.num_qubits)
        for instruction in wide.data:
            places = tuple(wide.find_bit(q).index for q in instruction.qubits)
            assert instruction.operation.name == "barrier" or target.instruction_supported(
                instruction.operation.name, places
            )
        assert entangling(circuit) <= entangling(plain.executed[index])
    written = Counter(gate for block in program.blocks for gate in block.circuit.count_ops())
    assert (swaps > 0) == (written["xx_plus_yy"] + written["xx_minus_yy"] > 0)


def entangling(circuit):
    return sum(count for gate, count in circuit.count_ops().items() if gate in ("cx", "cz", "rzz", "ecr"))


def test_the_gates_of_the_default_heat_exchange_are_those_that_the_documentation_says():
    experiment = HeatExchange()
    program = compile(experiment, bases="full")
    fixed, free = (lay_out(program, TARGETS["heron"], "heron", fractional=f).executed for f in (False, True))
    assert Counter(entangling(circuit) for circuit in fixed) == {2: 9, 3: 9}
    assert Counter(entangling(circuit) for circuit in free) == {2: 9, 3: 9}
    assert all(circuit.count_ops()["rzz"] == 2 for circuit in free)
    for gates, pulses in ((2, (9, 6)), (3, (13, 9))):
        found = [np.mean([pulsed(c) for c in circuits if entangling(c) == gates]) for circuits in (fixed, free)]
        assert tuple(map(round, found)) == pulses


def pulsed(circuit):
    return sum(count for gate, count in circuit.count_ops().items() if gate in ("x", "sx", "rx"))


def test_half_turns_of_a_partial_swap_are_about_z_so_that_no_pulse_makes_them():
    program = program_of("heat-exchange")
    layout = lay_out(program, TARGETS["heron"], "heron", fractional=True)
    for index, circuit in enumerate(layout.executed):
        assert index in layout.angles
        for instruction in circuit.data:
            for angle in instruction.operation.params:
                used = {p.name for p in getattr(angle, "parameters", ())}
                if any(name.endswith(("_turn", "_flip")) for name in used):
                    assert instruction.operation.name == "rz"


@pytest.mark.parametrize("name", ["heat-exchange", "merged", "coherence-reversal"])
def test_what_is_executed_has_the_probabilities_of_theory(name):
    program = program_of(name)
    layout = lay_out(program, TARGETS["fracfive"], "fracfive", fractional=True)
    for index, (block, circuit) in enumerate(zip(program.blocks, layout.executed, strict=True)):
        found, values = layout.angles.get(index, (block.names, block.values))
        for row in range(0, len(values), 5):
            p = outcome_probabilities_of(circuit, dict(zip(found, values[row], strict=True)))
            np.testing.assert_allclose(p, block.probabilities[row], atol=1e-9)


def test_a_run_with_fractional_gates_measures_the_same_energies(tmp_path):
    """Five points, two energies each, |z| > 4.5 in one of 10: once in 15 000 runs; the same noise but for one gate."""
    from analysis import analyse

    device = replace(open_device("aer:fake_fractional"), fractional=True)
    program = compile(HeatExchange(time=[0.0, 5.0, 12.0, 20.0, 29.0]), shots=4000, bases="ZZ", calibration_shots=4000)
    plan = device.prepare(program, 3)
    assert plan.angles
    record = execute(program, device, runs=tmp_path, seed=3)
    table = analyse(record, draws=2).table
    energy = table[table["observable"] == "energy"].set_index(["subject", "point"])
    predicted = sum(
        block.weight[:, None] * device.probabilities_before_readout(plan, [index])[0]
        for index, block in enumerate(program.blocks)
        if not block.prepared
    )
    for subject, excited in (("A", predicted[:, 2] + predicted[:, 3]), ("B", predicted[:, 1] + predicted[:, 3])):
        rows = energy.loc[subject]
        assert (np.abs(rows["value"] - excited) < 4.5 * rows["stderr"]).all()


def test_a_chip_without_such_gates_refuses_them():
    with pytest.raises(RequestError, match=r"`fractional` must be off .*ibm_manila"):
        lay_out(program_of("heat-exchange"), FakeManilaV2().target, "ibm_manila", fractional=True)
