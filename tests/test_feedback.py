"""Feedback as a step of a collision: both forms, every preparation and supply, theory, circuits, devices, files.

Truth is matrices written here, and circuits by qiskit's own operators.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest
from circuit_probabilities import outcome_probabilities_of
from doctored_chips import doctored
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.quantum_info import DensityMatrix
from qiskit_aer import AerSimulator
from scipy.stats import chi2

from analysis.data import read
from devices import execute, open_device
from devices.chip import sub_target
from devices.simulators.branches import branches_of
from devices.simulators.noise import noise_model
from devices.simulators.waiting import with_waits
from protocols import Experiment, ProtocolError, RequestError, compile
from protocols.collisions import FEEDBACKS, PREPARATIONS, Feedback, exchange, gate
from protocols.collisions.ancillas import Thermal
from protocols.collisions.collisions import Collisions, Structure
from protocols.collisions.evolution import Step
from protocols.collisions.feedback import CONTROLLED
from protocols.collisions.gates import KINDS
from protocols.collisions.operations import Operation
from protocols.maxwell_demon import MaxwellDemon
from protocols.program import Observable, Points
from protocols.program.parameters import parameter
from protocols.types import Array

ANGLES = {"phi": 0.7, "tilt": 0.9, "kick": 1.3, "turn": -0.8}
P1 = np.diag([0.0, 1.0])


@dataclass(frozen=True, kw_only=True, eq=False)
class Watched(Collisions):
    """S meets a thermal ancilla; M, tilted once, and the ancilla itself are read and acted on."""

    excitation: float = parameter(0.3, low=0, high=1, meaning="excited population of the ancilla")
    collisions: float | Sequence[float] = parameter((0, 1, 2), low=0, high=9, whole=True, meaning="number of them")

    name: ClassVar[str] = "watched"
    system: ClassVar[str] = "SM"
    offers: ClassVar[Mapping[str, tuple[str, ...]]] = {**Collisions.offers, "feedback": FEEDBACKS}

    @property
    def qubits(self) -> tuple[str, ...]:
        return ("S", "M")

    def members(self, points: Points, arm: str) -> Array:
        return np.tile([0.6, 0.4], (len(points), 1))

    def prepare(self, member: int, arm: str) -> Sequence[Operation]:
        return [gate("ry", "M", by="tilt"), *([gate("x", "S")] if member else [])]

    def collision(self, index: int, arm: str, structure: Structure) -> Sequence[Step]:
        return [
            Thermal(register="bath", excited="p"),
            exchange("S", "bath", "phi"),
            Feedback(wire="M", then=(gate("rx", "S", by="kick"),), register="seen"),
            Feedback(wire="bath", then=(gate("ry", "S", by="turn"), exchange("S", "M", "phi")), register="felt"),
        ]

    def values(self, points: Points, arm: str) -> Mapping[str, Array]:
        return {"p": points.parameters["excitation"], **{name: np.array(angle) for name, angle in ANGLES.items()}}

    @staticmethod
    def observables(points: Points) -> tuple[Observable, ...]:
        return ()


def sweep(**options: str) -> tuple[Watched, Points]:
    experiment = Watched()
    return experiment, experiment.points(options)


def U(kind: str, **angles: float) -> Array:
    return KINDS[kind].matrix(*(np.array([angle]) for angle in angles.values()))[0]


def one_collision(rho: Array, p: float, *, measured: bool) -> Array:
    """S and M after a collision, by projectors: S, M and the ancilla in this order."""
    rho = np.kron(rho, np.diag([1 - p, p]))

    swap = on(U("exchange", phi=ANGLES["phi"]), 0, 2)
    rho = swap @ rho @ swap.conj().T
    kick, turn = on(U("rx", theta=ANGLES["kick"]), 0), on(U("ry", theta=ANGLES["turn"]), 0)
    second = on(U("exchange", phi=ANGLES["phi"]), 0, 1) @ turn
    for place, unitary in ((1, kick), (2, second)):
        excited = on(P1, place)
        ground = np.eye(8) - excited
        kraus = [ground, unitary @ excited] if measured else [ground + unitary @ excited]
        rho = np.sum([K @ rho @ K.conj().T for K in kraus], axis=0)
    return np.einsum("iaja->ij", rho.reshape(4, 2, 4, 2))


def on(matrix: Array, *places: int) -> Array:
    """On some of three wires, entry by entry."""
    found = np.zeros((8, 8), dtype=complex)
    for i, j in itertools.product(range(8), repeat=2):
        a, b = ([n >> 2 - k & 1 for k in range(3)] for n in (i, j))
        if all(a[k] == b[k] for k in range(3) if k not in places):
            row, column = (int("".join(str(bits[k]) for k in places), 2) for bits in (a, b))
            found[i, j] = matrix[row, column]
    return found


@pytest.mark.parametrize("measured", [False, True])
def test_the_state_is_that_of_projectors_and_unitaries(measured):
    experiment, points = sweep(feedback=FEEDBACKS[measured])
    tilted = np.array([np.cos(0.45), np.sin(0.45)])
    rho = np.kron(np.diag([0.6, 0.4]), np.outer(tilted, tilted)).astype(complex)
    read = np.diag(np.diag(rho)) if measured else rho
    # without a collision M is read all the same, and nothing is done
    np.testing.assert_allclose(experiment.state(points)[0], read, atol=1e-12)
    for point in (1, 2):
        rho = one_collision(rho, 0.3, measured=measured)
        np.testing.assert_allclose(experiment.state(points)[point], rho, atol=1e-12)


@pytest.mark.parametrize("supply", ["fresh", "reset"])
@pytest.mark.parametrize(
    "preparation", [pytest.param(name, marks=pytest.mark.slow if name == "random" else ()) for name in PREPARATIONS]
)
@pytest.mark.parametrize("form", FEEDBACKS)
def test_exact_outcomes_are_those_of_the_circuits(form, preparation, supply):
    experiment, points = sweep(feedback=form, preparation=preparation, ancillas=supply)
    program = compile(experiment, points, shots=200_000)
    blocks = program.blocks[:: max(1, len(program.blocks) // 8)]
    for block in (*blocks, program.blocks[-1]):
        angles = {name: float(value) for name, value in zip(block.names, block.values[-1], strict=True)}
        found = outcome_probabilities_of(block.circuit, angles)
        np.testing.assert_allclose(found, block.probabilities[-1], atol=1e-12)


@pytest.mark.parametrize(
    ("supply", "columns"),
    [
        ("fresh", ["S", "M", "M.1", "felt.1", "bath_1", "M.2", "felt.2", "bath_2"]),
        ("reset", ["S", "M", "M.1", "felt.1", "bath.1", "M.2", "felt.2", "bath"]),
    ],
)
def test_every_bit_that_acted_is_kept_in_a_column_of_its_own(supply, columns):
    experiment, points = sweep(feedback="measured", preparation="measured", ancillas=supply)
    settings = experiment.settings(points, ("ZZ",))
    longest = max(settings, key=lambda one: len(one.outcomes))
    assert [outcome.column for outcome in longest.outcomes] == columns
    assert [o.column for o in longest.outcomes if o.as_read] == ["M.1", "felt.1", "M.2", "felt.2"]
    assert experiment.registers(points).keys() == {"bath", "seen", "felt"}
    deferred = experiment.points({"feedback": "deferred"})
    assert experiment.registers(deferred).keys() == {"bath"}


def test_the_register_of_a_bit_is_how_often_it_was_1():
    experiment, points = sweep(feedback="measured")
    for setting in experiment.settings(points, ("ZZ",)):
        assert setting.outcomes
    seen = experiment.registers(points)["seen"]
    # M is tilted once and nothing turns it before it is read for the first time
    np.testing.assert_allclose(seen[:2], np.sin(ANGLES["tilt"] / 2) ** 2, atol=1e-12)


@pytest.mark.parametrize("kind", CONTROLLED)
def test_every_operation_on_a_condition_has_its_controlled_form(kind):
    wires = ("A", "B") if kind in ("exchange", "pairs") else ("A",)
    angles = () if kind in "xzh" else ("t",)
    (one,) = Feedback(wire="C", then=(Operation(kind=kind, wires=wires, angles=angles),)).deferred
    t = {"t": np.array([0.37])}
    plain, controlled = (np.squeeze(o.matrix(t)) for o in (Operation(kind=kind, wires=wires, angles=angles), one))
    d = len(plain)
    np.testing.assert_allclose(controlled, np.block([[np.eye(d), np.zeros((d, d))], [np.zeros((d, d)), plain]]))
    assert one.wires == ("C", *wires)


@pytest.mark.parametrize("seed", range(3))
def test_both_forms_of_a_demon_agree(seed):
    """The record is not touched again: what it does to S does not depend on when it is read."""
    generator = np.random.default_rng(seed)
    demon = MaxwellDemon(T=generator.uniform(0.1, 5), record_error=generator.uniform(0, 1, 3))
    states = [demon.state(demon.points({"feedback": form})) for form in FEEDBACKS]
    np.testing.assert_allclose(*states, atol=1e-12)
    exact = []
    for form in FEEDBACKS:
        points = demon.points({"feedback": form})
        settings = demon.settings(points, ("ZZ",))
        exact.append(np.stack([demon.exact(one, points).reshape(3, 4, -1).sum(axis=-1) for one in settings]))
    np.testing.assert_allclose(*exact, atol=1e-12)


# ---- mistakes of a file ----


@dataclass(frozen=True, kw_only=True, eq=False)
class Mistaken(Watched):
    """Names that there are not."""

    wire: ClassVar[str] = "M"
    then: ClassVar[tuple[Operation, ...]] = ()
    name: ClassVar[str] = "mistaken"

    def collision(self, index: int, arm: str, structure: Structure) -> Sequence[Step]:
        return [Feedback(wire=self.wire, then=self.then)]


@pytest.mark.parametrize(
    ("wire", "then", "said"),
    [
        ("N", (), "on the wire 'N'"),
        ("M", (gate("x", "T"),), "on the wire 'T'"),
        ("M", (gate("x", "M"),), "different wires"),
        ("M", (gate("cx", "M", "S"),), "feedback may do x, z, h"),
        ("M", (gate("rx", "S", by="nowhere"),), "lacks 'nowhere'"),
    ],
)
def test_mistakes_are_told_with_the_file(wire, then, said, monkeypatch):
    monkeypatch.setattr(Mistaken, "wire", wire)
    monkeypatch.setattr(Mistaken, "then", then)
    with pytest.raises(ProtocolError, match=said):
        Mistaken()


# ---- devices ----


def flown(tmp_path, device: str, experiment: Experiment, form: str, **more: int):
    program = compile(experiment, experiment.points({"feedback": form}), **{"shots": 4000, **more})
    return execute(program, open_device(device), runs=tmp_path, seed=3)


@pytest.mark.parametrize("device", ["exact", pytest.param("aer", marks=pytest.mark.slow)])
def test_the_bit_that_acted_is_in_the_counts_and_says_what_was_done(device, tmp_path):
    record = flown(tmp_path, device, MaxwellDemon(record_error=0.3), "measured")
    counts = record.counts()
    assert list(counts.columns).index("M.1") == list(counts.columns).index("M") + 1
    # without noise M stays as it was read, and S was flipped where the bit was 1
    assert (counts["M.1"] == counts["M"]).all()
    assert (counts["S"] == (counts["member"] // 2) ^ counts["M.1"].astype(int)).all()
    assert counts["count"].sum() == 4000


@pytest.fixture(scope="module")
def fez():
    """The chip, and the plan of a demon that measures."""
    device, demon = open_device("aer:fake_fez"), MaxwellDemon()
    program = compile(demon, demon.points({"feedback": "measured", "control": "none"}), shots=1000)
    return device, device.prepare(program, 3)


def test_the_executed_circuit_of_a_chip_still_tests_the_bit(fez):
    _, plan = fez
    for block, circuit in zip(plan.program.blocks, plan.executed, strict=True):
        names = [instruction.operation.name for instruction in circuit.data]
        if block.setting.arm == "none" or block.prepared:
            assert "if_else" not in names
            continue
        (test,) = [one for one in circuit.data if one.operation.name == "if_else"]
        assert test.operation.condition == (circuit.clbits[2], 1)
        assert [one.operation.name for one in test.operation.blocks[0].data] == ["x"]
        assert names.index("measure") < names.index("if_else")
        assert names.count("measure") == 3
        assert names.count("cz") == 1


def test_deferred_needs_two_entangling_gates_on_a_line(fez):
    plan = fez[0].prepare(compile(MaxwellDemon(), shots=1000), 3)
    assert all(circuit.count_ops().get("cz", 0) == 2 for circuit in plan.executed)


@pytest.mark.parametrize("chip", ["aer:fake_montreal", "aer:fake_miami"])
def test_a_chip_without_it_is_refused_before_any_shot(chip, tmp_path):
    with pytest.raises(RequestError, match=r"capable of feedback .*--feedback deferred"):
        flown(tmp_path, chip, MaxwellDemon(), "measured")
    assert not list(tmp_path.iterdir())


# ---- what acted is not corrected ----


@pytest.mark.slow
def test_raw_bits_of_a_record_keep_what_the_correction_of_others_removes(tmp_path):
    record = flown(tmp_path, "aer:fake_fez", MaxwellDemon(record_error=0.2), "measured", calibration_shots=4000)
    data = read(record, readout_correction=True, joint=[("M.1",)])
    assert data.ancillas is not None
    assert data.ancillas.as_read.tolist() == [True]
    counts = record.counts()
    own = counts[counts["basis"] != "cal"]
    share = own.groupby("member")["count"].sum()
    ones = own[own["M.1"] == 1].groupby("member")["count"].sum().reindex(share.index, fill_value=0)
    weight = own.groupby("member")["weight"].first()
    assert data.moments["record"][0] == pytest.approx((weight * ones / share).sum(), abs=1e-12)
    resolved = data.resolved_frequencies(("M.1",)).averaged()[0, 0].sum(axis=0)
    assert resolved[1] == pytest.approx((weight * ones / share).sum(), abs=1e-9)
    # as any other bit it would be corrected, and differ
    assert data.calibrated
    (other, offset), raw = replace(data.ancillas, as_read=np.array([False])).energy, data.moments["record"][0]
    assert abs(float(other[0, 0, 0]) * raw + float(offset[0, 0]) - raw) > 1e-4


# ---- waiting ----


def test_the_other_qubits_wait_for_a_result_that_is_acted_on(fez):
    """In the model of gates alone, whose only waits these are; those of the default are in tests/test_idling.py."""
    device, plan = fez
    placed = list(plan.placements[0].physical.values())
    target = device.backend.target
    for block, executed in zip(plan.program.blocks, plan.executed, strict=True):
        assert "delay" not in executed.count_ops()
        circuit = with_waits(executed, sub_target(target, placed))
        if block.setting.arm == "none":
            assert "delay" not in circuit.count_ops()
            continue
        (wait,) = [one for one in circuit.data if one.operation.name == "delay"]
        (tested,) = [one for one in circuit.data if one.operation.name == "if_else"]
        assert wait.qubits == tested.qubits
        read = next(one for one in circuit.data if one.operation.name == "measure" and one.clbits == tested.clbits)
        memory = placed[circuit.find_bit(read.qubits[0]).index]
        assert wait.operation.duration * target.dt == pytest.approx(target["measure"][memory,].duration)


@pytest.mark.slow
def test_waiting_relaxes_the_qubit_that_waits(tmp_path):
    """S is always excited and the bit always 0: what is missing at the end decayed, and waiting decays more."""
    chip = doctored(readout=dict.fromkeys(range(5), 0.0), lifetime=dict.fromkeys(range(5), 2e-5)).backend
    circuit = QuantumCircuit(2, 3)
    circuit.x(0)
    circuit.measure(1, 2)
    circuit.if_test((circuit.clbits[2], 1), _flip(), [0], [2])
    circuit.measure([0, 1], [0, 1])
    target = sub_target(chip.target, [0, 1], feedback=True)
    simulator = AerSimulator(noise_model=noise_model(target))
    excited = []
    for one in (circuit, with_waits(circuit, target)):
        counts = simulator.run(one, shots=20_000, seed_simulator=7).result().get_counts()
        excited.append(sum(count for bits, count in counts.items() if bits[-1] == "1") / 20_000)
    # 5 us at T1 = 20 us; five standard errors of a binomial, 6e-7
    expected = excited[0] * np.exp(-5 / 20)
    assert abs(excited[1] - expected) < 5 * np.sqrt(0.25 / 20_000) * 2
    assert excited[0] > 0.97


def _flip() -> QuantumCircuit:
    body = QuantumCircuit(1, 1)
    body.x(0)
    return body


# ---- what the noise model says of it ----


@pytest.mark.slow
def test_shots_with_feedback_are_those_of_one_circuit_a_branch(tmp_path):
    """Every circuit is run shot by shot; what is known of it beforehand comes from two density matrices."""
    device, shots = open_device("aer:fake_fez"), 8_000
    demon = MaxwellDemon(record_error=0.4)
    program = compile(demon, demon.points({"feedback": "measured", "control": "none"}), shots=shots)
    plan = device.prepare(program, 3)
    known = device.expected_probabilities(plan)
    assert known is not None
    counts = execute(program, device, runs=tmp_path, seed=3).counts()
    for block, p in zip(program.blocks, known, strict=True):
        assert p.sum() == pytest.approx(1, abs=1e-6)
        own = counts[(counts["arm"] == block.setting.arm) & (counts["member"] == block.setting.member)]
        seen = np.zeros(8)
        np.add.at(seen, own[["S", "M", "M.1"]].to_numpy(dtype=int) @ [4, 2, 1], own["count"])
        due = p[0] * seen.sum()
        # Pearson with Yates' half count; eight circuits, each at 1e-4
        statistic = (np.maximum(np.abs(seen - due) - 0.5, 0) ** 2 / np.maximum(due, 0.5)).sum()
        assert statistic < chi2.isf(1e-4, 7), block.setting


@pytest.mark.parametrize("gates", [False, True])
def test_branches_add_up_to_the_circuit(gates):
    """Two results, one of them tested, the other read on the way, of an ideal circuit by qiskit's own operators."""
    circuit = QuantumCircuit(QuantumRegister(2, "q"), ClassicalRegister(4, "c"))
    circuit.ry(0.7, 0)
    circuit.ry(1.9, 1)
    circuit.measure(1, 2)
    circuit.measure(0, 3)
    body = QuantumCircuit(1, 1)
    body.rx(0.9, 0)
    circuit.if_test((circuit.clbits[2], 1), body, [0], [2])
    if gates:
        circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    branches = branches_of(circuit, [np.eye(2)] * 4)
    total = np.zeros(16)
    for branch in branches:
        rho = DensityMatrix.from_int(0, 2**branch.circuit.num_qubits).evolve(branch.circuit)
        total += branch.kept(rho.probabilities(list(branch.qubit.values())[::-1])[None])[0]
    np.testing.assert_allclose(total, outcome_probabilities_of(circuit, {}), atol=1e-12)
    assert len(branches) == 2


def test_a_misread_result_is_acted_on():
    circuit = QuantumCircuit(QuantumRegister(2, "q"), ClassicalRegister(3, "c"))
    circuit.measure(1, 2)
    circuit.if_test((circuit.clbits[2], 1), _flip(), [0], [2])
    circuit.measure([0, 1], [0, 1])
    error = np.array([[0.9, 0.3], [0.1, 0.7]])
    total = np.zeros(8)
    for branch in branches_of(circuit, [np.eye(2), np.eye(2), error]):
        rho = DensityMatrix.from_int(0, 8).evolve(branch.circuit)
        total += branch.kept(rho.probabilities(list(branch.qubit.values())[::-1])[None])[0]
    # M was 0 and is; read as 1 in a tenth of the shots, in which S is flipped
    np.testing.assert_allclose(total, [0.9, 0, 0, 0, 0, 0.1, 0, 0], atol=1e-12)
