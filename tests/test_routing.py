"""Templates rewritten for a line: the same outcome probabilities, neighbours only, and no gate more than needed.

Truth is a simulation of the circuit as written, branch by branch over its measurements, and a search over all
routes that knows nothing of the one under test.
"""

import heapq
import itertools
import math
import re

import numpy as np
import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Parameter
from qiskit.circuit.library import CXGate, CZGate, XXMinusYYGate, XXPlusYYGate
from qiskit.quantum_info import DensityMatrix, Operator
from scipy.stats import chi2

from devices import open_device
from devices.chip import fits, place, qubits_read
from devices.chip.routing import cost, gate_then_swap, routed
from devices.record import counts as _counts
from devices.record import is_entangling
from devices.simulators import aer_calls as _aer_calls
from devices.simulators.unrolled import fresh_copies, unrolled
from protocols import Block, Outcome, Points, Program, RequestError, Setting

NAMES = ("S1", "S2", "b1", "b2", "b3", "b4", "b5", "b6")


def template(wires, outcomes, discarded=0):
    registers = [QuantumRegister(1, name) for name in wires]
    extra = [ClassicalRegister(discarded, "discarded")] if discarded else []
    return QuantumCircuit(*registers, ClassicalRegister(outcomes, "c"), *extra)


def two_qubit_cost(circuit):
    return sum(cost(i.operation.name) for i in circuit.data if is_entangling(i))


def pairs(circuit):
    name = {register[0]: register.name for register in circuit.qregs}
    return {frozenset(name[q] for q in i.qubits) for i in circuit.data if is_entangling(i)}


def read_at(circuit):
    name = {register[0]: register.name for register in circuit.qregs}
    bits = {bit: index for register in circuit.cregs if register.name == "c" for index, bit in enumerate(register)}
    return [(bits[i.clbits[0]], name[i.qubits[0]]) for i in circuit.data if i.clbits and i.clbits[0] in bits]


def distribution(circuit):
    """Probability of each value of register "c", by branches over all classical bits."""
    index = {bit: i for i, bit in enumerate(circuit.clbits)}
    branches = {(0,) * len(circuit.clbits): DensityMatrix.from_int(0, 2**circuit.num_qubits)}
    for instruction in circuit.data:
        branches = step(circuit, instruction, branches, index)
    wanted = [index[bit] for register in circuit.cregs if register.name == "c" for bit in register]
    total = {}
    for bits, rho in branches.items():
        key = tuple(bits[i] for i in wanted)
        total[key] = total.get(key, 0) + rho.trace().real
    return total


def step(circuit, instruction, branches, index):
    operation, at = instruction.operation, [circuit.find_bit(q).index for q in instruction.qubits]
    following = {}
    for bits, rho in branches.items():
        if operation.name == "barrier":
            parts = [(bits, rho)]
        elif operation.name == "reset":
            parts = [(bits, rho.reset(at))]
        elif operation.name == "if_else":
            bit, value = operation.condition
            body = operation.blocks[0]
            parts = [(bits, rho.evolve(body, at) if bits[index[bit]] == value else rho)]
        elif operation.name == "measure":
            own = index[instruction.clbits[0]]
            projectors = Operator(np.diag([1.0, 0.0])), Operator(np.diag([0.0, 1.0]))
            parts = [((*bits[:own], i, *bits[own + 1 :]), rho.evolve(P, at)) for i, P in enumerate(projectors)]
        else:
            parts = [(bits, rho.evolve(operation, at))]
        for key, part in parts:
            following[key] = following[key] + part if key in following else part
    return following


def random_template(generator, size, *, mid=True, feedback=False, gates=9):
    """Random gates with resets, barriers, discarded measurements and reads before resets; all wires read at the end."""
    reads = int(generator.integers(0, 3)) if mid else 0
    circuit = template(NAMES[:size], size + reads, discarded=2)
    todo = ["gate"] * gates + ["turn"] * gates + ["reset", "barrier"] * 2
    todo += ["read"] * reads + ["discard"] * 2
    spent = {"read": size, "discard": 0}
    for kind in generator.permutation(todo).tolist():
        a, b = generator.choice(size, 2, replace=False).tolist()
        angles = generator.uniform(-4, 4, 2).tolist()
        if kind == "gate":
            choice = (CXGate(), CZGate(), XXPlusYYGate(*angles), XXMinusYYGate(*angles))[generator.integers(4)]
            circuit.append(choice, [a, b])
        elif kind == "turn":
            circuit.u(*angles, 0.3, a)
        elif kind == "barrier":
            circuit.barrier([a, b])
        elif kind == "discard":
            circuit.measure(a, circuit.cregs[1][spent[kind]])
            spent[kind] += 1
            if feedback:
                with circuit.if_test((circuit.cregs[1][spent[kind] - 1], 1)):
                    circuit.rx(angles[0], b)
        else:
            if kind == "read":
                circuit.measure(a, circuit.cregs[0][spent[kind]])
                spent[kind] += 1
            circuit.reset(a)
    circuit.barrier()
    circuit.measure(range(size), range(size))
    return circuit


@pytest.mark.parametrize("size", [3, 4, 5])
@pytest.mark.parametrize("feedback", [False, True])
def test_random_templates_keep_their_outcome_probabilities(size, feedback):
    generator = np.random.default_rng(size)
    for _ in range(4):
        group = [random_template(generator, size, feedback=feedback) for _ in range(2)]
        line = routed(group, NAMES[:size])
        for before, after in zip(group, line, strict=True):
            expected, found = distribution(before), distribution(after)
            assert expected.keys() == found.keys()
            assert max(abs(expected[key] - found[key]) for key in expected) < 1e-12


def test_gates_act_between_neighbours_of_one_line_and_each_name_is_read_on_its_wire():
    generator = np.random.default_rng(7)
    group = [random_template(generator, 5) for _ in range(3)]
    line = routed(group, NAMES[:5])
    order = [register.name for register in line[0].qregs]
    neighbours = {frozenset(pair) for pair in itertools.pairwise(order)}
    assert set(order) == set(NAMES[:5])
    for before, after in zip(group, line, strict=True):
        assert [register.name for register in after.qregs] == order
        assert pairs(after) <= neighbours
        assert sorted(read_at(after)) == sorted(read_at(before))


def cheapest(gates, size, end=None):
    """Least CX over all routes: Dijkstra over (gates done, order), any gate first whose wires have no earlier one."""
    queue = [(0, (), order) for order in itertools.permutations(range(size))]
    seen = set()
    while queue:
        spent, done, order = heapq.heappop(queue)
        if (done, order) in seen:
            continue
        seen.add((done, order))
        if len(done) == len(gates) and (end is None or order == end):
            return spent
        for i in range(size - 1):
            swapped = (*order[:i], order[i + 1], order[i], *order[i + 2 :])
            heapq.heappush(queue, (spent + 3, done, swapped))
            for k, (name, *wires) in enumerate(gates):
                waits = any(j not in done and set(gates[j][1:]) & set(wires) for j in range(k))
                if k not in done and not waits and {order[i], order[i + 1]} == set(wires):
                    after = tuple(sorted((*done, k)))
                    heapq.heappush(queue, (spent + cost(name), after, order))
                    heapq.heappush(queue, (spent + cost(name) + 1, after, swapped))
    raise AssertionError


@pytest.mark.parametrize("size", [3, 4])
def test_the_cost_is_the_least_of_all_routes(size):
    generator = np.random.default_rng(size)
    for _ in range(6):
        gates = []
        for _ in range(7):
            name = ("cx", "xx_plus_yy")[generator.integers(2)]
            gates.append((name, *generator.choice(size, 2, replace=False).tolist()))
        circuit = template(NAMES[:size], size)
        for name, a, b in gates:
            circuit.append(CXGate() if name == "cx" else XXPlusYYGate(0.3), [a, b])
        (free,) = routed([circuit], ())
        assert two_qubit_cost(free) == cheapest(gates, size)
        # names go where their qubits end
        circuit.measure(range(size), range(size))
        (settled,) = routed([circuit], NAMES[:size])
        assert two_qubit_cost(settled) == cheapest(gates, size)


def test_templates_share_an_order_that_is_the_least_in_sum():
    gates = [[("cx", 0, 1), ("cx", 1, 2), ("cx", 0, 2)], [("cx", 0, 1)], [("xx_plus_yy", 0, 2), ("cx", 0, 3)]]
    group = []
    for own in gates:
        circuit = template(NAMES[:4], 4)
        for name, a, b in own:
            circuit.append(CXGate() if name == "cx" else XXPlusYYGate(0.3), [a, b])
        circuit.measure(range(4), range(4))
        group.append(circuit)
    sums = [sum(cheapest(own, 4, end) for own in gates) for end in itertools.permutations(range(4))]
    assert sum(map(two_qubit_cost, routed(group, NAMES[:4]))) == min(sums)


@pytest.mark.parametrize("gate", [CXGate(), CZGate(), XXPlusYYGate(0.7, 0.4), XXMinusYYGate(-2.9, 1.1)])
@pytest.mark.parametrize("places", [(0, 1), (1, 0)])
def test_a_gate_and_a_swap_take_one_gate_more(gate, places):
    both, merged = QuantumCircuit(2), QuantumCircuit(2)
    both.append(gate, places)
    both.swap(0, 1)
    for operation, at in gate_then_swap(gate, *places):
        merged.append(operation, at)
    assert Operator(both).equiv(Operator(merged))
    assert two_qubit_cost(merged) == cost(gate.name) + 1


def cascade(collisions, *, fresh=True, read_ancillas=True):
    """S01: a pair with coherence, then each bath qubit meets S1 and S2; angles are free parameters."""
    baths = [f"b{k + 1}" if fresh else "b1" for k in range(collisions)]
    names = ("S1", "S2", *dict.fromkeys(baths))
    circuit = template(names, 2 + (collisions if read_ancillas else 0))
    wire = dict(zip(names, circuit.qubits, strict=True))
    phi = Parameter("phi")
    circuit.ry(Parameter("prepare"), 0)
    circuit.x(1)
    circuit.cx(0, 1)
    circuit.p(Parameter("phase"), 0)
    circuit.barrier(0, 1)
    for k, bath in enumerate(baths):
        if not fresh and k:
            if read_ancillas:
                circuit.measure(wire[bath], 1 + k)
            circuit.reset(wire[bath])
        for spin in ("S1", "S2"):
            circuit.append(XXPlusYYGate(2 * phi, 0), [wire[bath], wire[spin]])
    circuit.barrier()
    circuit.measure([0, 1], [0, 1])
    if read_ancillas:
        last = dict.fromkeys(baths) if fresh else [baths[-1]]
        for i, bath in enumerate(last):
            circuit.measure(wire[bath], len(circuit.clbits) - len(last) + i)
    return circuit


@pytest.mark.parametrize(("collisions", "fresh", "least"), [(1, True, 6), (3, True, 18), (1, False, 6), (3, False, 14)])
def test_the_cascade_of_the_collision_models_is_cheap(collisions, fresh, least):
    circuit = cascade(collisions, fresh=fresh)
    read = [register.name for register in circuit.qregs]
    (line,) = routed([circuit], read)
    assert two_qubit_cost(line) == least
    angles = {"phi": 0.6, "prepare": 1.1, "phase": 0.4}
    bound = [c.assign_parameters(angles, strict=False) for c in (circuit, line)]
    expected, found = map(distribution, bound)
    assert max(abs(expected[key] - found[key]) for key in expected) < 1e-12


def test_templates_with_fewer_wires_are_read_where_the_others_are():
    group = [cascade(k) for k in (1, 2, 3)]
    calibration = template(("S1", "S2", "b1", "b2", "b3"), 5)
    calibration.measure(range(5), range(5))
    line = routed([*group, calibration], ("S1", "S2", "b1", "b2", "b3"))
    order = [register.name for register in line[-1].qregs]
    neighbours = {frozenset(pair) for pair in itertools.pairwise(order)}
    for before, after in zip([*group, calibration], line, strict=True):
        assert pairs(after) <= neighbours
        assert sorted(read_at(after)) == sorted(read_at(before))
    assert not pairs(line[-1])


def test_more_wires_than_a_line_may_have_are_refused():
    with pytest.raises(RequestError, match=re.escape("at most 7, but S1, S2, b1, b2, b3, b4, b5, b6 are 8. Take")):
        routed([cascade(6)], NAMES)


class Named:
    name = "named"
    qubits = ("S1", "S2")
    axis = "time"

    def __init__(self, *needs):
        self.needed = frozenset(needs)

    def needs(self, points):
        return self.needed


def program_of(circuits, *needs, shots=1, rows=1):
    points = Points(
        parameters={"time": np.arange(float(rows))},
        options={},
        reference=np.full(rows, -1),
        reference_only=np.zeros(rows, dtype=bool),
    )

    def block(circuit):
        outcomes = tuple(Outcome(qubit=name) for _, name in sorted(read_at(circuit)))
        return Block(
            setting=Setting(outcomes=outcomes),
            build=lambda: circuit,
            names=(),
            values=np.zeros((rows, 0)),
            point=np.arange(rows),
            weight=np.ones(rows),
            repeats=np.full(rows, shots),
            expect=lambda: np.ones((rows, 1)),
        )

    return Program(
        experiment=Named(*needs),
        points=points,
        bases=("ZZ",),
        shots=shots,
        calibration_shots=0,
        blocks=tuple(map(block, circuits)),
        shots_per_row=1,
        passes=1,
    )


def tallies(device, plan, run):
    (job,) = plan.jobs
    (run / "raw").mkdir()
    device.submit(plan, job, run)
    return _counts.load(_counts.raw_path(run, job).read_bytes())


def misread(plan, probabilities):
    """Outcome probabilities with the readout errors of the calibration."""
    outcomes = plan.program.blocks[0].setting.outcomes
    tensor = probabilities.reshape((2,) * len(outcomes))
    for axis, outcome in enumerate(outcomes):
        e = plan.calibration["qubits"][outcome.qubit]["readout_error"]
        tensor = np.moveaxis(np.tensordot([[1 - e, e], [e, 1 - e]], tensor, (1, axis)), 0, axis)
    return tensor.ravel()


def assert_sampled(tally, probabilities, shots):
    """Pearson's chi square of the cells that expect 5 and more, at a false-alarm rate of 1e-4."""
    counts = np.zeros(len(probabilities))
    for bits, count in tally.items():
        counts[int(bits, 2)] = count
    assert counts.sum() == shots
    large = probabilities * shots > 5
    expected = probabilities[large] * shots
    assert ((counts[large] - expected) ** 2 / expected).sum() < chi2.isf(1e-4, large.sum() - 1)


ANGLES = {"phi": 0.6, "prepare": 1.1, "phase": 0.4}
WAYS = {
    "fresh": cascade(2).assign_parameters(ANGLES),
    "reset": cascade(3, fresh=False, read_ancillas=False).assign_parameters(ANGLES),
    "read and reset": cascade(3, fresh=False).assign_parameters(ANGLES),
    "random": random_template(np.random.default_rng(3), 3),
    "feedback": random_template(np.random.default_rng(5), 3, feedback=True, mid=False),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_ideal_simulator_samples_what_the_circuit_says(way, tmp_path):
    device, shots = open_device("aer"), 20_000
    plan = device.prepare(program_of([WAYS[way]], shots=shots), 3)
    expected = distribution(WAYS[way])
    probabilities = np.array([expected[key] for key in sorted(expected)])
    (tally,) = tallies(device, plan, tmp_path)
    assert_sampled(tally, np.maximum(probabilities, 0), shots)
    found = device.probabilities_before_readout(plan, [0])
    assert (found is None) == (fresh_copies(plan.executed[0]) is None)
    assert found is None or np.abs(found[0][0] - probabilities).max() < 1e-12


@pytest.mark.parametrize("most", [10, 0], ids=["one state", "shot by shot"])
@pytest.mark.parametrize(
    "way", ["reset", *(pytest.param(one, marks=pytest.mark.slow) for one in ("read and reset", "random"))]
)
def test_noisy_samples_are_those_of_the_noise_model_however_they_are_made(way, most, tmp_path, monkeypatch):
    device, shots = open_device("aer:fake_fez"), 20_000
    plan = device.prepare(program_of([WAYS[way]], shots=shots), 3)
    (exact,) = device.probabilities_before_readout(plan, [0])[0]
    monkeypatch.setattr(_aer_calls, "_MOST_MIXED", most)
    (tally,) = tallies(device, plan, tmp_path)
    assert_sampled(tally, misread(plan, exact), shots)
    assert (device.probabilities_before_readout(plan, [0]) is None) == (most == 0)


def test_feedback_runs_on_a_stored_calibration(tmp_path):
    device = open_device("aer:fake_fez")
    plan = device.prepare(program_of([WAYS["feedback"]], "feedback", shots=500), 3)
    (tally,) = tallies(device, plan, tmp_path)
    assert sum(tally.values()) == 500
    assert {len(bits) for bits in tally} == {3}
    assert device.probabilities_before_readout(plan, [0]) is None
    assert device.predicted(plan) == {}


def test_templates_without_parameters_are_sampled_in_every_row(tmp_path):
    device = open_device("aer:fake_fez")
    plan = device.prepare(program_of([WAYS["reset"]] * 2, shots=400, rows=3), 3)
    found = tallies(device, plan, tmp_path)
    assert len(found) == 6
    assert len({tuple(sorted(tally.items())) for tally in found}) == 6
    assert device.probabilities_before_readout(plan, [0])[0].shape == (3, 4)


def test_the_predicted_state_is_of_the_system_alone():
    device = open_device("aer:fake_fez")
    plan = device.prepare(program_of([WAYS["read and reset"]] * 2), 3)
    (states,) = device.predicted(plan)["state"]
    (p,) = device.probabilities_before_readout(plan, [0])[0]
    assert states.shape == (1, 4, 4)
    assert np.abs(np.diagonal(states[0]).real - p.reshape(4, -1).sum(axis=1)).max() < 1e-8


@pytest.mark.parametrize(
    ("need", "name", "repair"),
    [("reset", "fake_miami", "--ancillas fresh"), ("feedback", "fake_montreal", "--feedback deferred")],
)
def test_a_device_without_the_operation_is_refused_with_the_way_round_it(need, name, repair):
    with pytest.raises(RequestError, match=f"capable of {need} .*aer:{name} is not.*{repair}"):
        open_device(f"aer:{name}").prepare(program_of([WAYS["fresh"]], need), 3)


def test_a_triangle_is_placed_on_a_path_of_the_chip():
    target = open_device("aer:fake_fez").backend.target
    circuits = [cascade(3), cascade(1)]
    program = program_of(circuits)
    assert not fits(circuits, target)
    line = routed(circuits, qubits_read(program))
    physical = place(program, target, "fake_fez", line).placement.physical
    couplers = {frozenset(pair) for pair in target["cz"]}
    assert all(frozenset(physical[name] for name in pair) in couplers for c in line for pair in pairs(c))
    assert set(physical) == {"S1", "S2", "b1", "b2", "b3"}


def test_unrolled_templates_hold_every_result_in_their_last_state():
    circuit = cascade(3, fresh=False).assign_parameters({"phi": 0.6, "prepare": 1.1, "phase": 0.4})
    (line,) = routed([circuit], ("S1", "S2", "b1"))
    opened = unrolled(line, extra_of(line))
    rho = DensityMatrix.from_int(0, 2**opened.circuit.num_qubits).evolve(opened.circuit)
    found = rho.probabilities_dict([opened.qubit[i] for i in range(5)])
    for key, expected in distribution(circuit).items():
        assert math.isclose(found.get("".join(map(str, key))[::-1], 0.0), expected, abs_tol=1e-12)


def extra_of(circuit):
    return sorted(fresh_copies(circuit).elements())


def test_what_one_state_cannot_hold_is_said_so():
    feedback = random_template(np.random.default_rng(1), 3, mid=False, feedback=True)
    assert fresh_copies(feedback) is None
    going_on = template(("S1", "S2"), 2)
    going_on.measure(0, 0)
    going_on.x(0)
    assert fresh_copies(going_on) is None
