"""Qubits that wait relax: the density matrix by hand, gate for gate, with a schedule by qiskit's own passes.

Errors of gates are Aer's, taken from its noise model as matrices; relaxation while waiting is written out here as Kraus
maps of T1 and T2. Waits come from `ALAPScheduleAnalysis` and `PadDelay` of qiskit, which know nothing of this package.
"""

from __future__ import annotations

import typing
from dataclasses import replace

import numpy as np
import pytest
from conftest import slow
from doctored_chips import doctored
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.quantum_info import Operator, SuperOp
from qiskit.transpiler import PassManager
from qiskit.transpiler.passes import ALAPScheduleAnalysis, PadDelay
from scipy.stats import chi2

from devices import HardwareOptions, Plan, open_device
from devices.chip import sub_target
from devices.record.counts import load as load_tallies
from devices.simulators.aer import Aer
from devices.simulators.idling import with_idling
from devices.simulators.noise import noise_model
from protocols import Experiment, compile, load

if typing.TYPE_CHECKING:
    from qiskit.transpiler import Target


def placed(plan: Plan, device: Aer) -> Target:
    return sub_target(device.backend.target, list(plan.placements[0].physical.values()), feedback=True)


def made(
    name: str, options: dict[str, str] | None = None, shots: int = 100, calibration: int = 0, **fields: typing.Any
) -> tuple[Aer, Plan]:
    """The chip, and a plan of a protocol on it."""
    kind = typing.cast("typing.Callable[..., Experiment]", load(name))
    experiment, opened = kind(**fields), open_device("aer:fake_fez")
    points = experiment.points(options or {})
    program = compile(experiment, points, shots=shots, calibration_shots=calibration)
    assert isinstance(opened, Aer)
    return opened, opened.prepare(program, 1)


def test_the_name_says_whether_waits_are_in_the_noise(tmp_path):
    for name, said in (("aer:fake_manila", "relax by their T1 and T2"), ("aer:fake_manila:gates", "do not relax")):
        device = open_device(name)
        assert device.name == name
        assert said in device.describe()["idling"]
        plan = device.prepare(compile(load("heat-exchange")(time=[5.0]), shots=10, bases="ZZ"), 1)
        assert not any("delay" in circuit.count_ops() for circuit in plan.executed), (
            "what runs is what hardware is sent"
        )
    assert "idling" not in open_device("aer").describe()


# ---- by hand ----


def relaxed(rho: np.ndarray, qubit: int, seconds: float, t1: float, t2: float) -> np.ndarray:
    """Amplitude damping by 1 - exp(-t/T1), then dephasing so that coherence is exp(-t/T2) of what it was."""
    gone, t2 = 1 - np.exp(-seconds / t1), min(t2, 2 * t1)
    left = np.exp(-seconds / t2) / np.sqrt(1 - gone)
    damping = [np.diag([1, np.sqrt(1 - gone)]), np.array([[0, np.sqrt(gone)], [0, 0]])]
    dephasing = [np.sqrt((1 + left) / 2) * np.eye(2), np.sqrt((1 - left) / 2) * np.diag([1, -1])]
    for kraus in (damping, dephasing):
        rho = sum(on(k, [qubit], rho) @ on(k, [qubit], np.eye(len(rho))).conj().T for k in kraus)
    return rho


def on(matrix: np.ndarray, qubits: list[int], other: np.ndarray) -> np.ndarray:
    """matrix on some qubits, little-endian, times other."""
    number = int(np.log2(len(other)))
    tensor = other.reshape(*(2,) * number, -1)
    axes = [number - 1 - q for q in reversed(qubits)]
    small = matrix.reshape((2,) * (2 * len(qubits)))
    moved = np.tensordot(small, tensor, axes=(range(len(qubits), 2 * len(qubits)), axes))
    return np.moveaxis(moved, range(len(qubits)), axes).reshape(len(other), -1)


def channel(error: SuperOp, qubits: list[int], rho: np.ndarray) -> np.ndarray:
    """A channel of some qubits; qiskit stacks the columns of rho, so rows are the less significant index."""
    number = int(np.log2(len(rho)))
    rows_and_columns = [*qubits, *(number + q for q in qubits)]
    return on(error.data, rows_and_columns, rho.reshape(-1, 1, order="F")).reshape(rho.shape, order="F")


def by_hand(circuit: QuantumCircuit, target: Target, *, waiting: bool = True) -> np.ndarray:
    """The state before readout of a circuit that is read at its end."""
    errors = noise_model(target)._local_quantum_errors
    flat = QuantumCircuit(QuantumRegister(circuit.num_qubits, "q"), *circuit.cregs)
    flat.compose(circuit, range(circuit.num_qubits), range(circuit.num_clbits), inplace=True)
    timed = PassManager([ALAPScheduleAnalysis(target=target), PadDelay(target=target)]).run(flat)
    rho = np.zeros((2**circuit.num_qubits,) * 2, dtype=complex)
    rho[0, 0] = 1
    for one in timed.data:
        qubits = [timed.find_bit(qubit).index for qubit in one.qubits]
        name = one.operation.name
        if name == "delay":
            own = target.qubit_properties[qubits[0]]
            if waiting:
                rho = relaxed(rho, qubits[0], one.operation.duration * target.dt, own.t1, own.t2)
        elif name not in ("barrier", "measure"):
            matrix = Operator(one.operation).data
            rho = on(matrix, qubits, rho) @ on(matrix, qubits, np.eye(len(rho))).conj().T
            if (error := errors.get(name, {}).get(tuple(qubits))) is not None:
                rho = channel(SuperOp(error), qubits, rho)
    return rho


def states_by_hand(device: Aer, plan: Plan, **how: bool) -> np.ndarray:
    """Of arm 0 at the first point, (d, d), from templates that read all in Z: the ensemble with its weights."""
    program, target = plan.program, placed(plan, device)
    number, arm = len(program.experiment.qubits), program.points.arms[0]
    total = np.zeros((2**number,) * 2, dtype=complex)
    for block, circuit in zip(program.blocks, plan.executed, strict=True):
        if block.prepared or block.setting.arm != arm or set(block.setting.basis) != {"Z"}:
            continue
        row = block.point.tolist().index(0)
        bound = circuit.assign_parameters(dict(zip(block.names, block.values[row], strict=True)))
        rho = by_hand(bound, target, **how)
        read = {one.clbits[0]: one.qubits[0] for one in circuit.data if one.operation.name == "measure"}
        qubits = [circuit.find_bit(read[bit]).index for bit in circuit.cregs[0]][:number]
        total += block.weight[row] * traced(rho, qubits)
    return total


def traced(rho: np.ndarray, qubits: list[int]) -> np.ndarray:
    """The state of some qubits, first qubit most significant, of one that is little-endian."""
    number = int(np.log2(len(rho)))
    axes = [number - 1 - q for q in qubits]
    others = [axis for axis in range(number) if axis not in axes]
    tensor = rho.reshape((2,) * (2 * number))
    tensor = tensor.transpose(*axes, *others, *(number + a for a in axes), *(number + o for o in others))
    kept, gone = 2 ** len(axes), 2 ** len(others)
    return np.einsum("abcb->ac", tensor.reshape(kept, gone, kept, gone))


@pytest.mark.parametrize(
    ("name", "options", "fields"),
    [
        ("heat-exchange", {}, {"time": [3.1]}),
        slow("chain-exchange", {}, {"time": [2.3]}),
    ],
)
def test_the_predicted_state_is_that_of_gates_and_waits_by_hand(name, options, fields):
    device, plan = made(name, options, **fields)
    gates = replace(device, idling=False)
    found = device.predicted(plan)["state"][0, 0]
    alone = gates.predicted(gates.prepare(plan.program, 1))["state"][0, 0]
    due, without = states_by_hand(device, plan), states_by_hand(device, plan, waiting=False)
    assert np.abs(due - without).max() > 1e-5
    # Aer loses 5e-10 of the trace at every noisy gate, with waits and without
    assert max(np.abs(found - due).max(), np.abs(alone - without).max()) < (1e-9 if name == "heat-exchange" else 1e-8)
    assert np.abs((found - alone) - (due - without)).max() < 1e-9


@pytest.mark.slow
def test_each_copy_waits_by_its_own_durations():
    """The CZ between 103 and 96 lasts 104 ns, the others 84: the far end of that copy's line waits longer."""
    experiment = load("chain-exchange")(time=[2.3])
    device = open_device("aer:fake_fez", HardwareOptions(qubits=(136, 143, 142, 102, 103, 96), copies=2))
    assert isinstance(device, Aer)
    program = compile(experiment, experiment.points({"control": "off"}), shots=100)
    plan = device.prepare(program, 1)
    found = device.predicted(plan)["state"]
    waits = set()
    for copy in range(2):
        one = plan.of_copy(copy)
        assert np.abs(found[copy, 0, 0] - states_by_hand(device, one)).max() < 1e-8
        waits.add(tuple(steps for _, steps, _ in waits_of(plan.executed[0], placed(one, device))))
    assert waits == {(66, 66), (66, 76)}


# ---- every way to simulate ----


def hand_made() -> QuantumCircuit:
    """Two qubits that wait for what is read, reset and read again, on a line of three."""
    circuit = QuantumCircuit(QuantumRegister(3, "q"), ClassicalRegister(5, "c"))
    circuit.x(0)
    circuit.sx(2)
    circuit.sx(1)
    circuit.cx(1, 2)
    circuit.measure(1, 3)
    circuit.reset(1)
    circuit.x(1)
    circuit.cx(0, 1)
    circuit.sx(2)
    circuit.measure([0, 1, 2], [0, 1, 2])
    return circuit


def waits_of(circuit: QuantumCircuit, target: Target) -> list[tuple[int, int, str]]:
    """Qubit, steps and what comes next of every delay that was put in."""
    timed = with_idling(circuit, target)
    found = []
    for index, one in enumerate(timed.data):
        if one.operation.name == "delay":
            after = next(o for o in timed.data[index + 1 :] if one.qubits[0] in o.qubits)
            found.append((timed.find_bit(one.qubits[0]).index, one.operation.duration, after.operation.name))
    return found


def test_waits_are_for_readout_and_reset_of_others():
    """Manila, made up: cx 300 ns, x and sx 35 ns, readout 5 us; and a reset, as long as reported."""
    target = sub_target(doctored().backend.target, [0, 1, 2])
    step = target.dt
    measure, reset, sx, cx = (
        round(target[name][q].duration / step)
        for name, q in (("measure", (1,)), ("reset", (1,)), ("sx", (2,)), ("cx", (0, 1)))
    )
    x = round(target["x"][(1,)].duration / step)
    found = waits_of(hand_made(), target)
    # qubit 0 is excited as late as possible, right before its cx; qubit 1 is read and reset and waits for nobody
    assert found == [(2, measure + reset + x + cx - sx, "sx")]


def test_a_qubit_in_its_ground_state_waits_for_free():
    circuit = QuantumCircuit(QuantumRegister(2, "q"), ClassicalRegister(2, "c"))
    circuit.sx(0)
    circuit.sx(0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    target = sub_target(doctored().backend.target, [0, 1])
    assert waits_of(circuit, target) == []
    circuit = QuantumCircuit(QuantumRegister(2, "q"), ClassicalRegister(2, "c"))
    circuit.sx(1)
    circuit.barrier()
    circuit.rz(0.3, 1)
    circuit.sx(0)
    circuit.rz(0.1, 0)
    circuit.sx(0)
    circuit.barrier()
    circuit.rz(0.3, 1)
    circuit.x(1)
    circuit.measure([0, 1], [0, 1])
    steps = round(target["sx"][(0,)].duration / target.dt)
    x = round(target["x"][(0,)].duration / target.dt)
    # rz takes no time, and the two waits of qubit 1 that it parts are one; qubit 0 waits for its x
    assert waits_of(circuit, target) == [(1, 2 * steps, "x"), (0, x, "measure")]


def test_everybody_waits_for_a_result_that_is_acted_on():
    target = sub_target(doctored().backend.target, [0, 1, 2])
    circuit = QuantumCircuit(QuantumRegister(3, "q"), ClassicalRegister(4, "c"))
    circuit.x([0, 2])
    circuit.measure(1, 3)
    body = QuantumCircuit(1, 1)
    body.x(0)
    circuit.if_test((circuit.clbits[3], 1), body, [0], [3])
    circuit.sx(2)
    circuit.measure([0, 1, 2], [0, 1, 2])
    measure, x, sx = (round(target[name][(0,)].duration / target.dt) for name in ("measure", "x", "sx"))
    # qubits 0 and 2 are excited just before the result is there; qubit 2 then waits for the conditional x
    assert waits_of(circuit, target) == [(2, x, "sx"), (0, sx, "measure"), (1, x + sx, "measure")]
    assert measure > 100 * x


def test_reads_that_are_thrown_away_into_one_bit_are_done_at_once():
    target = sub_target(doctored().backend.target, [0, 1])
    circuit = QuantumCircuit(QuantumRegister(2, "q"), ClassicalRegister(2, "c"), ClassicalRegister(1, "discarded"))
    circuit.sx([0, 1])
    circuit.measure(0, 2)
    circuit.measure(1, 2)
    circuit.measure([0, 1], [0, 1])
    assert waits_of(circuit, target) == []


@pytest.mark.parametrize(
    ("name", "options", "fields"),
    [
        slow("landauer-erasure", {"control": "none"}, {"steps": 2}),
        slow("landauer-erasure", {"control": "none"}, {}),
        slow("maxwell-demon", {"feedback": "measured", "control": "none"}, {"record_error": [0.4]}),
    ],
)
def test_counts_are_those_of_the_expected_probabilities(name, options, fields, tmp_path):
    """With fresh qubits after reads, and shot by shot: every count within 4 standard errors, give or take one.

    A hundred to some thousand counts, binomial, most expected below 20 not compared: by chance one in a hundred tests.
    """
    device, plan = made(name, options, shots=20_000, **fields)
    known = device.expected_probabilities(plan)
    unlike = replace(device, idling=False).expected_probabilities(plan)
    (tmp_path / "raw").mkdir()
    pulls, missed = [], []
    for job in plan.jobs:
        device.submit(plan, job, tmp_path)
        tallies = load_tallies((tmp_path / "raw" / f"job-{job.index:03d}.json").read_bytes())
        for slot, tally in zip(job.slots, tallies, strict=True):
            for p, model in ((known, pulls), (unlike, missed)):
                own = p[slot.block][slot.block_row]
                seen = np.array([tally.get(f"{k:0{int(np.log2(len(own)))}b}", 0) for k in range(len(own))])
                due = slot.shots * own
                frequent = due * (1 - own) > 20
                model.extend(((seen - due) / np.sqrt(due * (1 - own)))[frequent])
    assert len(pulls) >= 8
    assert np.abs(pulls).max() < 4.2
    assert np.square(pulls).sum() < chi2.isf(1e-3, len(pulls))
    assert np.square(missed).sum() > np.square(pulls).sum() + 20, "the shots would not notice"
