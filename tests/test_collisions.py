"""The collision layer: theory against circuit for every preparation and supply, and what unmasks a bad ancilla."""

import numpy as np
import pytest
from circuit_probabilities import outcome_probabilities_of
from conftest import examples, full_size, slow
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit, transpile
from qiskit.quantum_info import Operator
from qiskit.transpiler import CouplingMap
from scipy.linalg import expm

from protocols import RequestError, compile
from protocols.algorithmic_cooling import AlgorithmicCooling
from protocols.coherence_reversal import CoherenceReversal
from protocols.collisions import (
    PREPARATIONS,
    act,
    both,
    computational,
    controlled_exchange,
    controlled_pairs,
    exchange,
    flips,
    gate,
    pairs,
    probability,
    swap_states,
)
from protocols.heat_pump import HeatPump
from protocols.machines import exchanges, rank, sorting, sorts, unrank
from protocols.pauli import moments, outcome_probabilities, pauli_matrix

SUPPLIES = ("fresh", "reset")
rng = np.random.default_rng(4)


def some(name):
    """Protocols with asymmetric parameters, two collisions where there can be two."""
    known = {
        "cascade": CoherenceReversal(
            T_S=0.8, T_B=1.7, coherence=0.6, coherence_phase=0.7, angle=[0.5, 1.3], collisions=[0, 2]
        ),
        "star": CoherenceReversal(contact="star", T_S=1.8, T_B=0.7, coherence=-0.4, angle=0.9, collisions=2),
        "hbac": AlgorithmicCooling(polarisation=[0.3, 0.6], rounds=[0, 1, 2]),
        "ppa": AlgorithmicCooling(method="ppa", polarisation=[0.2, 0.7], rounds=[0, 2]),
        "overhauser": AlgorithmicCooling(method="overhauser", polarisation=0.4, rounds=[1, 2]),
        "teleport": AlgorithmicCooling(method="teleport", interaction=[0.5, 2.0]),
        "pump": HeatPump(coupling_phase=0.6, correlation_phase=0.9, angle=0.8, cycles=[0, 1, 2]),
        "weak pump": HeatPump(strength=0.4, stroke=3.0, coupling_phase=-0.5, angle=[0.7, 1.2], cycles=2),
        "slow pump": HeatPump(T_A=0.7, relaxation=[0, 2], angle=0.5, cycles=1),
    }
    return known[name]


EVERY = ("cascade", "star", "hbac", "ppa", "overhauser", "teleport", "pump", "weak pump", "slow pump")


# ---- operations ----


def unitary_of(operation, angles):
    wires = list(operation.wires)
    circuit = QuantumCircuit(len(wires))
    operation.append(circuit, lambda name: circuit.qubits[wires.index(name)])
    bound = circuit.assign_parameters({p: angles[p.name] for p in circuit.parameters})
    return Operator(bound.reverse_bits()).data


@given(st.floats(-7, 7), st.floats(-7, 7))
@examples(20)
def test_operations_are_their_circuits_and_the_exponentials_of_their_generators(phi, psi):
    angles = {"phi": np.array(phi), "psi": np.array(psi)}
    XX, YY = pauli_matrix("XX"), pauli_matrix("YY")
    for operation, generator in (
        (exchange("a", "b", "phi"), phi / 2 * (XX + YY)),
        (pairs("a", "b", "psi"), psi / 2 * (XX - YY)),
        (both("a", "b", "phi", "psi"), phi / 2 * (XX + YY) + psi / 2 * (XX - YY)),
    ):
        np.testing.assert_allclose(operation.matrix(angles), expm(-1j * generator), atol=1e-12)
        np.testing.assert_allclose(unitary_of(operation, angles), expm(-1j * generator), atol=1e-12)


def test_the_merged_gate_is_two_entangling_gates_and_both_parts_commute():
    circuit = QuantumCircuit(2)
    both("0", "1", "phi", "psi").append(circuit, lambda name: circuit.qubits[int(name)])
    assert sum(len(i.qubits) == 2 for i in circuit.data) == 2


@given(st.floats(-7, 7), st.sampled_from([0, 1]))
@examples(20)
def test_controlled_gates_are_their_circuits_and_the_exponentials_of_their_generators(phi, when):
    angles, XX, YY = {"phi": np.array(phi)}, pauli_matrix("XX"), pauli_matrix("YY")
    bit = np.diag([1 - when, when])
    for made, generator in ((controlled_exchange, phi / 2 * (XX + YY)), (controlled_pairs, phi / 2 * (XX - YY))):
        operation = made("c", "a", "b", "phi", when=when)
        expected = expm(-1j * np.kron(bit, generator))
        np.testing.assert_allclose(operation.matrix(angles), expected, atol=1e-12)
        np.testing.assert_allclose(unitary_of(operation, angles), expected, atol=1e-12)
        many = operation.matrix({"phi": np.array([phi, 0.3])})
        np.testing.assert_allclose(many[0], expected, atol=1e-12)


@pytest.mark.parametrize("angle", [0.7, np.pi / 2])
@pytest.mark.parametrize("when", [0, 1])
@pytest.mark.parametrize("made", [controlled_exchange, controlled_pairs])
def test_controlled_gates_are_five_cz_on_a_line(made, when, angle):
    circuit = QuantumCircuit(3)
    made("0", "1", "2", "phi", when=when).append(circuit, lambda name: circuit.qubits[int(name)])
    bound = circuit.assign_parameters([angle])
    done = transpile(
        bound,
        basis_gates=["rz", "sx", "x", "cz"],
        coupling_map=CouplingMap.from_line(3),
        initial_layout=[0, 1, 2],
        optimization_level=1,
    )
    assert done.count_ops()["cz"] == 5
    assert set(done.count_ops()) <= {"rz", "sx", "x", "cz"}


def test_plain_gates_are_their_circuits():
    theta = {"theta": np.array(0.83)}
    for kind, word in (("rx", "X"), ("ry", "Y"), ("rz", "Z")):  # exp(-i theta P/2)
        expected = expm(-0.5j * 0.83 * pauli_matrix(word))
        np.testing.assert_allclose(gate(kind, "a", by="theta").matrix(theta), expected, atol=1e-12)
        np.testing.assert_allclose(unitary_of(gate(kind, "a", by="theta"), theta), expected, atol=1e-12)
    for kind, size in (("x", 1), ("z", 1), ("h", 1), ("cx", 2), ("cz", 2), ("swap", 2), ("rccx", 3), ("barrier", 4)):
        operation = gate(kind, *(f"q{i}" for i in range(size)))
        np.testing.assert_allclose(operation.matrix({}), unitary_of(operation, {}), atol=1e-12)
    toffoli = np.abs(gate("rccx", "a", "b", "target").matrix({}))
    np.testing.assert_array_equal(np.nonzero(toffoli)[1], [0, 1, 2, 3, 4, 5, 7, 6])


@pytest.mark.parametrize("qubits", [2, 3, 4])
def test_exchanging_two_states_leaves_all_other_populations(qubits):
    wires = [f"q{i}" for i in range(qubits)]
    for a in range(2**qubits):
        for b in range(a):
            first, second = (f"{k:0{qubits}b}" for k in (a, b))
            operation = swap_states(wires, first, second)
            place = [wires.index(name) for name in operation.wires]
            expected = np.eye(2**qubits)
            expected[[a, b]] = expected[[b, a]]
            rho = np.diag(np.arange(1.0, 2**qubits + 1)).astype(complex)
            after = act(operation.matrix({}), rho, place, qubits)
            np.testing.assert_allclose(np.diagonal(after).real, expected @ np.arange(1.0, 2**qubits + 1))
            np.testing.assert_allclose(np.abs(unitary_of(operation, {})), operation.matrix({}).real, atol=1e-12)


def test_acting_on_some_wires_is_acting_with_the_identity_on_the_others():
    rho = rng.normal(size=(3, 8, 8)) + 1j * rng.normal(size=(3, 8, 8))
    u = expm(1j * (pauli_matrix("XZ") + 0.3 * pauli_matrix("YI")))
    # wires (2, 0) of three: swap them into place by hand
    full = np.zeros((8, 8), dtype=complex)
    for k in range(8):
        a, b, c = k >> 2 & 1, k >> 1 & 1, k & 1
        for j in range(4):
            full[(j & 1) << 2 | b << 1 | j >> 1, k] += u[j, c << 1 | a]
    np.testing.assert_allclose(act(u, rho, [2, 0], 3), full @ rho @ full.conj().T, atol=1e-12)


# ---- circuits against theory, every way to make an ancilla ----


@pytest.mark.parametrize("supply", SUPPLIES)
@pytest.mark.parametrize("preparation", PREPARATIONS)
@pytest.mark.parametrize("name", EVERY)
def test_exact_probabilities_are_those_of_the_circuit(name, preparation, supply):
    experiment = some(name)
    rng = np.random.default_rng([EVERY.index(name), PREPARATIONS.index(preparation), SUPPLIES.index(supply)])
    options = {"preparation": preparation, "ancillas": supply, "control": "none", "batches": "3", "flips": "5"}
    points = experiment.points(options)
    bases = next(iter(experiment.measurements.values()))
    every = experiment.settings(points, (*bases, "X" * len(experiment.qubits), "Y" * len(experiment.qubits)))
    # 2^9 x 2^9 matrices take a minute and show nothing that 2^7 do not; pumps have many gates and templates
    small = rng.permutation(len(every))[:40]
    most = 6 if "pump" in name else 7
    chosen = [every[index] for index in small if experiment.template(every[index]).num_qubits <= most]
    assert chosen
    for index in rng.choice(len(chosen), min(len(chosen), 10 if full_size() else 3), replace=False):
        setting = chosen[index]
        where = np.flatnonzero(experiment.applies(setting, points))
        own = points.at(where)
        angles, expected = experiment.angles(setting, own), experiment.exact(setting, own)
        circuit = experiment.template(setting)
        row = int(rng.integers(len(where)))
        found = outcome_probabilities_of(circuit, {key: float(values[row]) for key, values in angles.items()})
        np.testing.assert_allclose(found, expected[row], atol=1e-12)


def mixed(experiment, points, arm, basis):
    """Exact probabilities of the ensemble at the points of each structure."""
    total = {}
    for setting in experiment.settings(points, [basis]):
        if setting.arm == arm:
            where = tuple(np.flatnonzero(experiment.applies(setting, points)))
            own = points.at(np.array(where))
            weighted = experiment.weights(setting, own)[:, None] * experiment.exact(setting, own)
            columns = tuple(o.column for o in setting.outcomes)
            total[where, len(columns)] = total.get((where, len(columns)), 0) + weighted
    return total


@pytest.mark.parametrize("name", [slow(name) if name in ("pump", "weak pump") else name for name in EVERY])
def test_ensemble_measured_and_purified_ancillas_agree_with_each_other_and_with_the_state(name):
    experiment = some(name)
    for basis in ("Z" * len(experiment.qubits), "X" * len(experiment.qubits)):
        for arm in ("main", "none"):
            found = []
            for preparation in ("ensemble", "measured", "purified"):
                for supply in SUPPLIES:
                    options = {"preparation": preparation, "ancillas": supply, "control": "none"}
                    points = experiment.points(options)
                    found.append(mixed(experiment, points, arm, basis))
            for other in found[1:]:
                assert other.keys() == found[0].keys()
                for key, expected in found[0].items():
                    np.testing.assert_allclose(other[key], expected, atol=1e-12)
            state = experiment.state(points, arm)
            size = 2 ** len(experiment.qubits)
            for (where, _), joint in found[0].items():
                np.testing.assert_allclose(joint.sum(axis=1), 1, atol=1e-12)
                system = joint.reshape(len(where), size, -1).sum(axis=2)
                np.testing.assert_allclose(system, outcome_probabilities(state[list(where)], basis), atol=1e-12)


@pytest.mark.parametrize("name", ["cascade", "hbac", "ppa", "overhauser", "pump", "slow pump"])
def test_registers_are_the_mean_energy_of_what_is_read(name):
    experiment = some(name)
    points = experiment.points()
    for setting in experiment.settings(points, ["Z" * len(experiment.qubits)]):
        where = np.flatnonzero(experiment.applies(setting, points))
        for register, energies in experiment.registers(points).items():
            places = [i for i, o in enumerate(setting.outcomes) if o.register == register]
            if not places:  # a cycle that is not run
                assert np.isnan(energies[where]).all()
                continue
            total = np.zeros(len(where))
            for one in experiment.settings(points, ["Z" * len(experiment.qubits)]):
                if one.structure == setting.structure:
                    p = experiment.exact(one, points.at(where))
                    outcome = np.arange(p.shape[1])
                    shift = [len(one.outcomes) - 1 - place for place in places]
                    excited = sum(
                        (outcome >> s & 1) * one.outcomes[place].gap for s, place in zip(shift, places, strict=True)
                    )
                    total += experiment.weights(one, points.at(where)) * (p @ excited) / len(places)
            np.testing.assert_allclose(total, energies[where], atol=1e-12)


def test_random_flips_have_the_probability_of_the_coin_and_do_not_depend_on_the_grouping():
    """Frequencies of 4000 batches within 5 standard deviations: false alarm below 1e-5."""
    experiment = CoherenceReversal(T_B=[0.7, 1.9], collisions=3)
    points = experiment.points({"preparation": "random", "batches": "4000", "flips": "11"}, "nominal")
    setting = experiment.settings(points, ["ZZ"])[0]
    coins = experiment._template(setting).coins
    values = experiment.values(points, "main")
    drawn = flips(points, coins, values, "main")
    p = probability(coins[0], values, len(points))
    assert np.abs(drawn.mean(axis=0) - p[:, None]).max() < 5 * np.sqrt(0.25 / 4000)
    again = flips(points.at(np.array([1])), coins, experiment.values(points.at(np.array([1])), "main"), "main")
    np.testing.assert_array_equal(again[:, 0], drawn[:, 1])


# ---- what unmasks a coherent ancilla ----


def heat_of_the_pair(experiment, options, spoil=lambda circuit: circuit):
    """Energy gained by S1 and S2, from the circuits alone."""
    points = experiment.points(options, "nominal")
    energy = 0.0
    for setting in experiment.settings(points, ["ZZ"]):
        angles = {name: float(values[0]) for name, values in experiment.angles(setting, points).items()}
        p = outcome_probabilities_of(spoil(experiment.template(setting)), angles)
        bits = np.arange(len(p)) >> (len(setting.outcomes) - 2)
        energy += experiment.weights(setting, points)[0] * (p @ ((bits >> 1) + (bits & 1)))
    return energy - 2 / (1 + np.exp(1 / experiment.T_S))


def without_dephasing(circuit):
    """RY alone: the measurement whose result is discarded is left out."""
    kept = circuit.copy_empty_like()
    discarded = [r for r in circuit.cregs if r.name == "discarded"]
    for instruction in circuit.data:
        if not (instruction.operation.name == "measure" and instruction.clbits[0] in list(discarded[0])):
            kept.append(instruction)
    return kept


@pytest.mark.parametrize("supply", SUPPLIES)
def test_a_coherent_ancilla_passes_one_collision_and_is_caught_by_the_next(supply):
    """Numbers of family.md, section 0: heat over 1, 2, 3 collisions at angle 0.3 and full coherence."""
    thermal = (-0.005603, -0.009700, -0.012651)
    coherent = (-0.005603, 0.020408, 0.074493)
    for count in (1, 2, 3):
        experiment = CoherenceReversal(angle=0.3, collisions=count)
        options = {"preparation": "measured", "ancillas": supply}
        good = heat_of_the_pair(experiment, options)
        bad = heat_of_the_pair(experiment, options, without_dephasing)
        assert good == pytest.approx(thermal[count - 1], abs=1e-6)
        assert bad == pytest.approx(coherent[count - 1], abs=1e-6)


# ---- properties ----

pair = st.fixed_dictionaries(
    {
        "T_S": st.floats(0.2, 5),
        "T_B": st.floats(0.2, 5),
        "coherence": st.floats(-1, 1),
        "coherence_phase": st.floats(-4, 4),
        "angle": st.floats(0.01, 3),
        "collisions": st.integers(1, 4),
        "contact": st.sampled_from(["cascade", "star"]),
    }
)


@given(pair)
@examples(30)
def test_energy_is_conserved_and_entropy_produced_in_every_collision(fields):
    experiment = CoherenceReversal(**fields)
    points = experiment.points({}, "nominal")
    E = [moments(rho, ["ZI", "IZ"]) for rho in (experiment.state(points), experiment.reference_state(points))]
    into_pair = (E[1]["ZI"] + E[1]["IZ"] - E[0]["ZI"] - E[0]["IZ"]) / 2
    gained = experiment.registers(points)["bath"] - experiment.reference_registers(points)["bath"]
    np.testing.assert_allclose(into_pair + fields["collisions"] * gained, 0, atol=1e-12)

    def entropy(rho):
        p = np.linalg.eigvalsh(rho)
        return -np.sum(p[p > 1e-15] * np.log(p[p > 1e-15]))

    before, after = experiment.reference_state(points)[0], experiment.state(points)[0]
    assert entropy(after) - entropy(before) - into_pair[0] / fields["T_B"] > -1e-10


@given(pair)
@examples(10)
def test_results_do_not_depend_on_the_order_of_qubits(fields):
    class Reordered(CoherenceReversal):
        @property
        def qubits(self):
            return ("S2", "S1")

    one, other = CoherenceReversal(**fields), Reordered(**fields)
    points = one.points({}, "nominal")
    swap = np.eye(4)[[0, 2, 1, 3]]
    np.testing.assert_allclose(other.state(points), swap @ one.state(points) @ swap, atol=1e-12)
    np.testing.assert_allclose(other.registers(points)["bath"], one.registers(points)["bath"], atol=1e-12)
    for mine, theirs in zip(one.settings(points, ["XZ"]), other.settings(points, ["ZX"]), strict=True):
        p = one.exact(mine, points).reshape(-1, 2, 2, 2 ** (len(mine.outcomes) - 2))
        q = other.exact(theirs, points).reshape(p.shape)
        np.testing.assert_allclose(q.swapaxes(1, 2), p, atol=1e-12)


# ---- sorting ----


@given(st.lists(st.integers(0, 5), min_size=8, max_size=8))
@examples(60)
def test_a_sort_orders_populations_and_moves_no_more_than_it_must(levels):
    p = np.array(levels, dtype=float)
    order = sorting(p)
    assert sorted(order) == list(range(8))
    assert (np.diff(p[list(order)]) <= 0).all()
    kept = np.sort(p)[::-1] == p
    assert all(order[i] == i for i in np.flatnonzero(kept))
    assert unrank(rank(order), 8) == order
    found = p.copy()
    for operation in exchanges(("a", "b", "c"), order):
        places = ["abc".index(wire) for wire in operation.wires]
        rho = act(operation.matrix({}), np.diag(found).astype(complex), places, 3)
        found = np.diagonal(rho).real
    np.testing.assert_allclose(found, p[list(order)])


def test_sorts_depend_on_the_polarisation_and_are_templates_of_their_own():
    low, high = sorts(np.array([0.35, 0.25]), 4, np.array([6, 6]))
    np.testing.assert_array_equal(low[:5], high[:5])
    assert low[5] != high[5]
    experiment = AlgorithmicCooling(method="ppa", size=4, polarisation=[0.3, 0.5], rounds=6)
    points = experiment.points({"preparation": "measured"}, "nominal")
    settings_ = experiment.settings(points, ["ZZZ"])
    served = np.sum([experiment.applies(s, points) for s in settings_], axis=0)
    assert len({s.structure for s in settings_}) == 2
    assert (served == len(settings_) / 2).all()


# ---- what is refused, and shots ----


def test_what_cannot_be_run_is_refused_before_any_shot():
    for fields, options, match in (
        ({"collisions": 9}, {}, "preparation.*--preparation measured"),
        ({"collisions": 17}, {"preparation": "measured"}, "at most 18 reads"),
    ):
        experiment = CoherenceReversal(**fields)
        with pytest.raises(RequestError, match=match):
            compile(experiment, experiment.points(options), shots=5000)
    with pytest.raises(RequestError, match="whole"):
        CoherenceReversal(collisions=1.5)
    with pytest.raises(RequestError, match="belongs to method=ppa"):
        AlgorithmicCooling(size=3)
    with pytest.raises(RequestError, match="rounds"):
        AlgorithmicCooling(method="teleport", rounds=2)
    assert CoherenceReversal(collisions=40).state(CoherenceReversal(collisions=40).points()).shape == (2, 4, 4)


def test_shots_of_every_ensemble_add_up_and_every_member_has_one():
    experiment = some("cascade")
    program = compile(experiment, experiment.points({"control": "none"}), shots=3000, calibration_shots=50)
    total = {}
    for block in program.blocks:
        if not block.prepared:
            assert (block.repeats[block.weight > 0] >= 1).all()
            for point, repeats in zip(block.point, block.repeats, strict=True):
                key = block.setting.arm, block.setting.basis[:2], int(point)
                total[key] = total.get(key, 0) + int(repeats)
    assert set(total.values()) == {3000}
    prepared = [block.prepared for block in program.blocks if block.prepared]
    assert prepared == ["0000", "0101", "1010", "1111"]


def test_computational_states_are_named_most_significant_first():
    assert [step.wires for step in computational(5, ("a", "b", "c"))] == [("a",), ("c",)]
    assert gate("x", "a") == computational(1, ("a",))[0]
