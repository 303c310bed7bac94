"""All copies in one circuit: each is its own template, each runs everything, and results go where they belong."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from circuit_probabilities import outcome_probabilities_of
from conftest import slow
from qiskit import ClassicalRegister, QuantumCircuit
from qiskit.quantum_info import Operator
from qiskit_aer import AerSimulator
from qiskit_ibm_runtime.fake_provider import FakeFez

from devices import Placement
from devices.chip.layout import lay_out
from devices.chip.together import (
    Item,
    Read,
    apart,
    circuits,
    items,
    odd_copies,
    offsets,
    parameters_of,
    register_of,
    side_by_side,
    unpacked,
    values_of,
)
from devices.model import Plan, addresses_of, jobs_of
from protocols import compile, load

FEZ = FakeFez().target


def program_of(protocol="heat-exchange", *, passes=1, shots=64, bases="ZZ,XY", calibration=8, options=None, **fields):
    experiment = load(protocol)(**fields)
    points = experiment.points(options or {})
    return compile(
        experiment, points, shots=shots, bases=bases, calibration_shots=calibration, shots_per_row=4, passes=passes
    )


def plan_of(program, copies, executed=()):
    """One job a pass, wire i of copy c on qubit (wires + 1) c + i; pairs where there are no circuits."""
    wires = max((circuit.num_qubits for circuit in executed), default=2)
    placements = tuple(
        Placement(copy=c, physical={f"w{i}": (wires + 1) * c + i for i in range(wires)}, score=1.0)
        for c in range(copies)
    )
    passes = {}
    for slot in addresses_of(program, range(copies)):
        last = program.passes - 1
        pass_ = last * slot.pass_ if program.blocks[slot.block].prepared else slot.pass_
        passes.setdefault(pass_, []).append(slot)
    jobs = jobs_of(program, 1, [tuple(passes[p]) for p in sorted(passes)])
    return Plan(program=program, placements=placements, jobs=jobs, executed=tuple(executed))


def restricted(whole, place, copy):
    """What the circuit of all does on the qubits of one copy, with the names of its template."""
    number = {qubit: i for i, qubit in enumerate(place)}
    own = QuantumCircuit(len(place))
    for register in whole.cregs:
        if register.name.partition("_")[0] == register_of(copy):
            name = register.name.removeprefix(f"c{copy}_") if "_" in register.name else "c"
            own.add_register(ClassicalRegister(bits=list(register), name=name))
    for instruction in whole.data:
        qubits = [whole.find_bit(qubit).index for qubit in instruction.qubits]
        inside = [qubit for qubit in qubits if qubit in number]
        if instruction.operation.name == "barrier":
            if inside:
                own.barrier([number[qubit] for qubit in inside])
        elif inside:
            assert len(inside) == len(qubits), "a gate joins two copies"
            own.append(instruction.operation, [number[qubit] for qubit in qubits], instruction.clbits)
    return own


def angles_of(plan, block, row):
    names, values = plan.executed_angles(block)
    return dict(zip(names, values[row], strict=True))


def unread(circuit, angles):
    bare = circuit.remove_final_measurements(inplace=False)
    bare.global_phase = 0
    return Operator(bare.assign_parameters({p: angles[p.name] for p in bare.parameters}))


# ---- the circuit ----


@pytest.mark.parametrize("protocol", ["heat-exchange", slow("chain-exchange"), "coherence-reversal"])
def test_each_copy_is_its_template_by_operators(protocol):
    """Different templates and different angles on three copies, the wires of one of them scattered and reversed."""
    program = program_of(protocol, bases=None)
    executed = lay_out(program, FEZ, "ibm_fez").executed
    generator = np.random.default_rng(2)
    measured = [index for index, block in enumerate(program.blocks) if not block.prepared]
    blocks = generator.choice(measured, size=3, replace=False).tolist()
    wires = executed[0].num_qubits
    places = [tuple(range(wires)), tuple(range(20, 20 + 2 * wires, 2))[::-1], tuple(range(40, 40 + wires))]
    whole = side_by_side([executed[block] for block in blocks], places, 60)
    for copy, block in enumerate(blocks):
        row = int(generator.integers(len(program.blocks[block].point)))
        angles = dict(zip(program.blocks[block].names, program.blocks[block].values[row], strict=True))
        own = {f"c{copy}_{name}": value for name, value in angles.items()}
        found, template = unread(restricted(whole, places[copy], copy), own), unread(executed[block], angles)
        np.testing.assert_allclose(found.data, template.data, atol=1e-12)
        np.testing.assert_allclose(
            outcome_probabilities_of(restricted(whole, places[copy], copy), own),
            program.blocks[block].probabilities[row],
            atol=1e-9,
        )


FEEDBACK = {"cooling-floor": {}, "maxwell-demon": {"feedback": "measured"}, "landauer-erasure": {}}
FEEDBACK |= {"coherence-reversal": {"ancillas": "reset", "preparation": "measured"}}


@pytest.mark.parametrize(
    "protocol", [slow("landauer-erasure"), slow("cooling-floor"), "maxwell-demon", "coherence-reversal"]
)
def test_what_is_read_reset_or_decided_on_the_way_stays_with_its_copy(protocol):
    """Conditions follow their bits: exact outcome probabilities of each copy of the whole."""
    program = program_of(protocol, bases=None, options=FEEDBACK[protocol])
    executed = lay_out(program, FEZ, "ibm_fez").executed
    longest = sorted(range(len(executed)), key=lambda index: -len(executed[index].data))
    blocks = [longest[0], longest[-1], longest[1]]
    wires = executed[0].num_qubits
    places = [tuple(range(9 * c, 9 * c + wires)) for c in range(3)]
    whole = side_by_side([executed[block] for block in blocks], places, 30)
    for copy, block in enumerate(blocks):
        own = restricted(whole, places[copy], copy)
        angles = dict(zip(program.blocks[block].names, program.blocks[block].values[0], strict=True))
        renamed = {f"c{copy}_{name}": value for name, value in angles.items()}
        assert Counter(own.count_ops()) - Counter(barrier=9) == Counter(executed[block].count_ops()) - Counter(
            barrier=9
        )
        np.testing.assert_allclose(
            outcome_probabilities_of(own, renamed), outcome_probabilities_of(executed[block], angles), atol=1e-10
        )


def order_of(whole):
    """Barriers, and between them the names of what happens on how many qubits."""
    return [
        ("barrier", len(instruction.qubits)) if instruction.operation.name == "barrier" else instruction.operation.name
        for instruction in whole.data
    ]


def test_copies_evolve_and_are_read_at_the_same_time():
    program = program_of(time=[0.0, 4.0])
    executed = lay_out(program, FEZ, "ibm_fez").executed
    first = executed[0]  # ground state: nothing is prepared
    last = executed[[index for index, block in enumerate(program.blocks) if not block.prepared][-1]]
    order = order_of(side_by_side([first, last, first], [(0, 1), (3, 4), (6, 7)], 8))
    assert [one for one in order if one[0] == "barrier"] == [("barrier", 6), ("barrier", 6)]
    reads = [i for i, name in enumerate(order) if name == "measure"]
    assert reads == list(range(len(order) - 6, len(order)))
    assert order[-7] == ("barrier", 6)
    prepared = order[: order.index(("barrier", 6))]
    assert Counter(prepared) == Counter(order_of(last)[: order_of(last).index(("barrier", 2))])


def test_a_template_without_a_mark_of_its_own_does_not_keep_the_others_waiting():
    """Calibration has no evolution, so that nobody waits for it between preparation and evolution."""
    program = program_of(time=[4.0])
    executed = lay_out(program, FEZ, "ibm_fez").executed
    order = order_of(side_by_side([executed[1], executed[-1]], [(0, 1), (3, 4)], 6))
    assert [one for one in order if one[0] == "barrier"] == [("barrier", 2), ("barrier", 4)]


# ---- who runs what when ----


@pytest.mark.parametrize(("passes", "copies"), [(1, 3), (2, 4), (4, 5)])
def test_every_copy_runs_every_execution_of_every_pass_once(passes, copies):
    plan = plan_of(program_of(passes=passes, time=[0.0, 2.0, 4.0]), copies)
    for job in plan.jobs:
        ran = [Counter() for _ in range(copies)]
        for item in items(plan, job):
            for row in item.rows:
                for copy, own in enumerate(row.tolist()):
                    ran[copy][item.blocks[copy], own] += 1
        for copy in range(copies):
            due = {(s.block, s.block_row): s.shots // 4 for s in job.slots if s.copy == copy}
            assert ran[copy] == due


def test_one_copy_runs_what_the_program_says_in_its_order():
    """As before there were copies: a template after the other, its repeats in turns over the points."""
    plan = plan_of(program_of(passes=2, time=[0.0, 2.0, 4.0]), 1)
    for job in plan.jobs:
        found = [(item.blocks[0], row) for item in items(plan, job) for row in item.rows[:, 0].tolist()]
        due = []
        for block, group in itertools.groupby(job.slots, lambda slot: slot.block):
            left = {slot.block_row: slot.shots // 4 for slot in group}
            while any(left.values()):
                due += [(block, row) for row, repeats in left.items() if repeats > 0]
                left = {row: repeats - 1 for row, repeats in left.items()}
        assert found == due


def test_arms_and_members_are_a_latin_square_over_copies_and_passes():
    """In every pass copies begin at every offset, and over the passes each copy does."""
    program = program_of(passes=4, time=[0.0, 2.0, 4.0], options={"control": "none"}, calibration=0, shots=256)
    plan = plan_of(program, 8)
    number = offsets(program)
    assert number == 4
    begun = np.zeros((8, 4), dtype=int)
    for job in plan.jobs:
        order = [(item.blocks, row) for item in items(plan, job) for row in item.rows]
        alone = [
            (item.blocks[0], r)
            for item in items(plan_of(program, 1), plan_of(program, 1).jobs[job.index])
            for r in item.rows[:, 0]
        ]
        for copy in range(8):
            own = [(blocks[copy], row[copy]) for blocks, row in order]
            turns = [turn * len(alone) // number for turn in range(number)]
            (begun[copy, job.index],) = [i for i, t in enumerate(turns) if own == alone[t:] + alone[:t]]
    assert (np.sort(begun, axis=1) == np.arange(4)).all()
    assert (np.sort(begun.reshape(2, 4, 4), axis=1) == np.arange(4)[:, None]).all()


def calibrated(plan, job):
    """Patterns of all copies in every execution of the calibration of a job."""
    prepared = [block.prepared for block in plan.program.blocks]
    return [
        tuple(prepared[block] for block in item.blocks)
        for item in items(plan, job)
        for _ in item.rows
        if prepared[item.blocks[0]]
    ]


def opposite(pattern):
    return pattern.translate(str.maketrans("01", "10"))


@pytest.mark.parametrize("shots", [8, 16, 40])
def test_calibration_has_neighbours_alike_and_opposite(shots):
    """Of one, two and five repeats a round; every copy prepares every pattern as often as was asked for."""
    plan = plan_of(program_of(passes=2, time=[4.0], calibration=shots), 5)
    assert odd_copies(plan) == {1, 3}
    for round_, job in enumerate(plan.jobs):
        held = calibrated(plan, job)
        repeats = shots // 8
        second = (repeats + round_) // 2
        expected = []
        for pattern in ("00", "01", "10", "11"):
            alike, other = (pattern,) * 5, (pattern, opposite(pattern), pattern, opposite(pattern), pattern)
            expected += [alike] * (repeats - second) + [other] * second
        assert held == expected
        for copy in range(5):
            assert Counter(one[copy] for one in held) == dict.fromkeys(("00", "01", "10", "11"), repeats)


def test_odd_copies_are_on_the_other_side_of_most_neighbours():
    """A star, a line along which numbers jump, and an odd ring of which one pair has to be alike."""
    plan = plan_of(program_of(time=[4.0]), 5)
    for pairs, alike in (
        ([(0, 4), (1, 4), (2, 4), (3, 4)], 0),
        ([(0, 2), (2, 4), (4, 1), (1, 3)], 0),
        (
            [(0, 1), (1, 2), (2, 3), (3, 4), (0, 4)],
            1,
        ),
    ):
        odd = odd_copies(replace(plan, packing={"neighbours": [list(pair) for pair in pairs]}))
        left = [(one, other) for one, other in pairs if (one in odd) == (other in odd)]
        assert len(left) <= alike
        first = odd_copies(replace(plan, packing={"neighbours": [list(pair) for pair in pairs]}), 0)
        assert all((one in first) != (other in first) for one, other in left), "parted in the other calibration"


def test_odd_copies_are_counted_along_the_chip():
    plan = plan_of(program_of(time=[4.0]), 4)
    moved = tuple(
        replace(p, physical={"A": first, "B": first + 1})
        for p, first in zip(plan.placements, (30, 3, 0, 6), strict=True)
    )
    assert odd_copies(replace(plan, placements=moved)) == {1, 0}


# ---- results ----


def pieces(plan):
    """Items of the first job with their circuits and angles."""
    found = list(items(plan, plan.jobs[0]))
    width = 1 + max(q for p in plan.placements for q in p.physical.values())
    for item, whole in zip(found, circuits(plan, found, width), strict=True):
        values = values_of(plan, item, whole) if parameters_of(plan, item) else np.zeros((len(item.rows), 0))
        yield item, whole, values


@pytest.mark.parametrize("copies", [2, slow(3)])
def test_all_copies_in_one_state_have_the_probabilities_of_theory_each(copies):
    """Exact marginals of the joint state, copy by copy, row by row, with different templates side by side."""
    program = program_of(time=[0.0, 4.0], options={"control": "dephased"}, calibration=0)
    plan = plan_of(program, copies, lay_out(program, FEZ, "ibm_fez").executed)
    simulator = AerSimulator(method="statevector")
    mixed = 0
    for item, whole, values in pieces(plan):
        mixed += len(set(item.blocks)) > 1
        row = len(values) // 2
        bound = whole.assign_parameters(dict(zip(whole.parameters, values[row], strict=True)))
        bare = bound.remove_final_measurements(inplace=False)
        for copy, placement in enumerate(plan.placements):
            bare.save_probabilities(list(placement.physical.values()), label=f"c{copy}")
        data = simulator.run(bare).result().data()
        for copy, block in enumerate(item.blocks):
            # Aer has the first qubit as the lowest bit
            found = np.asarray(data[f"c{copy}"]).reshape(2, 2).T.ravel()
            np.testing.assert_allclose(found, program.blocks[block].probabilities[item.rows[row, copy]], atol=1e-9)
    assert mixed > 2


def packed_of(bits):
    """As a BitArray of qiskit has them: bit 0 is the lowest of the last byte."""
    wide = np.zeros((*bits.shape[:-1], -(-bits.shape[-1] // 8) * 8), dtype=np.uint8)
    wide[..., : bits.shape[-1]] = bits
    return np.packbits(wide[..., ::-1], axis=-1)


@pytest.mark.parametrize("bits", [2, 7, 8, 12, 40, 70])
def test_shots_are_counted_in_the_slots_of_their_copies(bits):
    """Against a count of one string a shot."""
    generator = np.random.default_rng(bits)
    program = program_of(passes=2, time=[0.0, 4.0], options={"control": "none"})
    outcome = program.blocks[0].setting.outcomes[0]
    wide = tuple(replace(b, setting=replace(b.setting, outcomes=(outcome,) * bits)) for b in program.blocks)
    plan = plan_of(program, 3)
    plan = replace(plan, program=replace(program, blocks=wide))
    for job in plan.jobs:
        due, read = {}, []
        for item in items(plan, job):
            patterns = generator.integers(0, 2, (3, bits), dtype=np.uint8)
            shots = patterns[generator.integers(0, 3, (3, len(item.rows), 4))]
            read.append(Read(item, tuple(packed_of(own) for own in shots)))
            np.testing.assert_array_equal(unpacked(read[-1].packed[1], bits), shots[1])
            for copy, execution, shot in np.ndindex(*shots.shape[:-1]):
                address = copy, item.blocks[copy], int(item.rows[execution, copy])
                due.setdefault(address, Counter())["".join(map(str, shots[copy, execution, shot]))] += 1
        found = apart(plan, job, iter(read))
        assert len(found) == len(job.slots)
        for slot, tally in zip(job.slots, found, strict=True):
            assert tally == due[slot.copy, slot.block, slot.block_row]
            assert sum(tally.values()) == slot.shots


def test_angles_go_to_the_copy_and_row_that_runs_them():
    program = program_of(passes=2, time=[0.0, 1.0, 2.0, 4.0, 7.0], options={"control": "none"}, bases="ZZ")
    plan = plan_of(program, 3, lay_out(program, FEZ, "ibm_fez").executed)
    listed = [item for item in items(plan, plan.jobs[0]) if parameters_of(plan, item)]
    assert any(np.ptp(item.rows, axis=1).any() for item in listed)
    for item, whole in zip(listed, circuits(plan, listed, 9), strict=True):
        values = values_of(plan, item, whole)
        assert values.shape == (len(item.rows), len(whole.parameters))
        for column, parameter in zip(values.T, whole.parameters, strict=True):
            copy, _, name = parameter.name[1:].partition("_")
            names, own = plan.executed_angles(item.blocks[int(copy)])
            np.testing.assert_array_equal(column, own[item.rows[:, int(copy)], names.index(name)])


def test_an_item_of_calibration_has_no_angles():
    plan = plan_of(program_of(), 2)
    first = next(items(plan, plan.jobs[0]))
    assert isinstance(first, Item)
    assert not parameters_of(plan, first)
