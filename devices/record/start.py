"""What is known before the first shot: start.json, exact predictions and circuits."""

from __future__ import annotations

import io
import platform
import subprocess
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from devices.model import Device, Plan
from devices.record import counts as _counts
from devices.record.fields import fields_of
from devices.record.files import IDEAL
from devices.record.writing import arrays
from protocols import Array, Block, Experiment, Points, Program
from protocols.program import Parameter, gap_read, parameters, refine

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit

MOST_KNOWN = 12
"""Reads of a circuit up to which the exact probabilities of all its outcomes are kept with the run."""
PACKAGES = ("hotward", "numpy", "scipy", "pandas", "qiskit", "qiskit-aer", "qiskit-ibm-runtime")


@dataclass(frozen=True, kw_only=True)
class StartDocument:
    """What every start.json says, whether a device measures or a file is imported; what is not known is null."""

    protocol: str | None
    experiment: Experiment | None
    """The protocol with its fields; of an import with several combinations of columns that of its first point."""
    qubits: Sequence[str]
    system: str
    registers: Mapping[str, Any]
    axis: str
    points: Points
    bases: Sequence[str]
    shots: int
    """Of a setting and point."""
    calibration_shots: int
    """Of a pattern."""
    shots_per_row: int
    passes: int
    alone: int
    """Passes more in which some copies run alone."""
    seed: int
    device: Mapping[str, Any]
    jobs: Sequence[Mapping[str, Any]]
    columns: Mapping[str, str]
    """Columns of the table of the run -> what they mean."""
    command: str

    @property
    def content(self) -> dict[str, Any]:
        """As it is written, but for what `begin` and the caller add."""
        return {
            "protocol": self.protocol,
            **({"fields": fields_of(self.experiment)} if self.experiment else {}),
            "qubits": list(self.qubits),
            "system": self.system,
            "registers": dict(self.registers),
            "axis": self.axis,
            "arms": list(self.points.arms),
            "points": _points_content(self.points),
            "bases": list(self.bases),
            "shots": self.shots,
            "calibration_shots": self.calibration_shots,
            "quantum": self.shots_per_row,
            "passes": self.passes,
            **({"alone": self.alone} if self.alone else {}),
            "seed": self.seed,
            "device": dict(self.device),
            "jobs": list(self.jobs),
            "columns": dict(self.columns),
            "versions": {"python": platform.python_version(), **_versions()},
            "git": _revision(),
            "command": self.command,
        }


def start_document(plan: Plan, device: Device, seed: int, command: str) -> dict[str, Any]:
    """Content of start.json of a run on a device, but for what the caller adds.

    Args:
        plan: What will be measured.
        device: Where.
        seed: Root of all randomness of the run.
        command: The command line that repeats it.
    """
    program = plan.program
    placements = [{"copy": p.copy, "physical": dict(p.physical), "score": p.score} for p in plan.placements]
    planned = {"placements": placements, "calibration": dict(plan.calibration), "circuits": _sizes(plan)}
    planned |= {"copies": dict(plan.packing)} if plan.packing else {}
    return StartDocument(
        protocol=program.experiment.name,
        experiment=program.experiment,
        qubits=program.experiment.qubits,
        system=program.experiment.system,
        registers=registers_of(program),
        axis=program.experiment.axis,
        points=program.points,
        bases=program.bases,
        shots=program.shots,
        calibration_shots=program.calibration_shots,
        shots_per_row=program.shots_per_row,
        passes=program.passes,
        alone=program.alone,
        seed=seed,
        device={**device.describe(), **planned},
        jobs=[
            {"index": j.index, "seed": j.seed, "shots": j.shots, "rows": len(j.slots), "digest": j.digest}
            for j in plan.jobs
        ],
        columns=meanings(_counts.columns(program), parameters(program.experiment)),
        command=command,
    ).content


def _points_content(points: Points) -> dict[str, Any]:
    numbers = {
        name: [None if np.isnan(value) else value for value in values.tolist()]
        for name, values in points.parameters.items()
    }
    return {
        "parameters": numbers,
        "options": dict(points.options),
        "reference": points.reference.tolist(),
        "added": points.reference_only.tolist(),
    }


def start_files(plan: Plan, device: Device) -> dict[str, bytes | str]:
    """The other files written before the first shot: exact predictions, circuits.

    Args:
        plan: What will be measured.
        device: Where; its white noise is mixed into the exact states, energies and probabilities.

    Returns:
        Path in the run directory -> content: ideal.npz and, where circuits run, drawings and a QPY file of them.
    """
    program = plan.program
    exact, w = exact_states(program.experiment, program.points), device.white_noise
    for name in [name for name in exact if name.endswith("state")]:
        exact[name] = (1 - w) * exact[name] + w * np.eye(exact[name].shape[-1]) / exact[name].shape[-1]
    if w:
        _mix_registers(exact, program, w)
        exact |= {name: (1 - w) * value for name, value in exact.items() if "moment_" in name}
    for block in program.blocks:
        if not (block.prepared or block.drawn) and len(block.setting.outcomes) <= MOST_KNOWN:
            _add_probabilities(exact, block, len(program.points), w)
    exact |= {f"device_{name}": known for name, known in device.predicted(plan).items()}
    files: dict[str, bytes | str] = {IDEAL: arrays(exact)}
    if plan.executed:
        shown = [i for i, block in enumerate(program.blocks) if _shown(program, i) or block.prepared]
        files["circuits/virtual.txt"] = _drawings([program.blocks[i].circuit for i in shown])
        files["circuits/executed.txt"] = _drawings([plan.executed[i] for i in shown])
        files["circuits/executed.qpy"] = _qpy(plan.executed)
    return files


def exact_states(experiment: Experiment, points: Points) -> dict[str, Array]:
    """Exact states and energies of ancillas of every arm, at the points and on a fine grid along the axis.

    Args:
        experiment: The protocol with its fields.
        points: The sweep, (points,).

    Returns:
        What `exact_at` gives at the points and, under names with "fine_" before them, on the grid; with these the
        parameters of the grid, such as `fine_time`, shape (grid,) each, in the units of the protocol.
    """
    fine = _grid(experiment, points)
    known = {**exact_at(experiment, points), **exact_at(experiment, fine, "fine_")}
    return known | {f"fine_{name}": values for name, values in fine.parameters.items()}


def _grid(experiment: Experiment, points: Points) -> Points:
    """A fine grid along the axis."""
    whole = next(spec.whole for spec in parameters(experiment) if spec.name == experiment.axis)
    return refine(points, experiment.axis, whole=whole)


def exact_at(experiment: Experiment, points: Points, prefix: str = "") -> dict[str, Array]:
    """The same at the points alone, named as in ideal.npz; without states where the protocol has none.

    Args:
        experiment: The protocol with its fields.
        points: The sweep, (points,).
        prefix: Put before every name.

    Returns:
        `state` and `reference_state`, shape (arms, points, d, d); `register_NAME` and `reference_register_NAME`, mean
        energies of ancillas [gap], shape (arms, points) each.
    """
    exact: dict[str, Array] = {}
    states = [experiment.state(points, arm) for arm in points.arms]
    before = [experiment.reference_state(points, arm) for arm in points.arms]
    if all(state is not None for state in states):
        exact[f"{prefix}state"] = np.stack(typing.cast("list[Array]", states))
        exact[f"{prefix}reference_state"] = np.stack(typing.cast("list[Array]", before))
    else:
        exact |= _moments(experiment, points, prefix)
    for kind, of in (("", experiment.registers), ("reference_", experiment.reference_registers)):
        read = [of(points, arm) for arm in points.arms]
        exact |= {f"{prefix}{kind}register_{name}": np.stack([one[name] for one in read]) for name in read[0]}
    return exact


def _moments(experiment: Experiment, points: Points, prefix: str) -> dict[str, Array]:
    """`moment_WORD` and `reference_moment_WORD`, (arms, points) each, of what is too large for states; or nothing."""
    found: dict[str, Array] = {}
    for kind, name in (("", "moments"), ("reference_", "reference_moments")):
        of = getattr(experiment, name, None)
        each = [one for arm in points.arms if of is not None and (one := of(points, arm)) is not None]
        if each:
            found |= {f"{prefix}{kind}moment_{word}": np.stack([one[word] for one in each]) for word in each[0]}
    return found


def _mix_registers(exact: dict[str, Array], program: Program, w: float) -> None:
    """Mixes half excitation into the energies of ancillas, at the points and on the grid, and at their references."""
    experiment, outcomes = program.experiment, _counts.bits_read(program).values()
    gaps = {o.register: o.gap for o in reversed(list(outcomes)) if o.register}
    for prefix, points in (("", program.points), ("fine_", _grid(experiment, program.points))):
        zero = {**points.parameters, experiment.axis: np.zeros(len(points))}
        for kind, where in (("", points), ("reference_", replace(points, parameters=zero))):
            for register, gap in gaps.items():
                name = f"{prefix}{kind}register_{register}"
                half = np.stack([gap_read(experiment, gap, where, arm) / 2 for arm in where.arms])
                exact[name] = (1 - w) * exact[name] + w * half


def _add_probabilities(exact: dict[str, Array], block: Block, points: int, w: float) -> None:
    """Adds a member to the exact probabilities of its arm and basis; NaN at points that have another template."""
    key, p = f"probabilities_{block.setting.arm}_{block.setting.basis}", block.probabilities
    total = exact.setdefault(key, np.full((points, p.shape[1]), np.nan))
    here = np.where(np.isnan(total[block.point]), 0.0, total[block.point])
    total[block.point] = here + block.weight[:, None] * ((1 - w) * p + w / p.shape[1])


def registers_of(program: Program) -> dict[str, list[dict[str, Any]]]:
    """Columns of each register in time, with the wire that is read and its gap, see `recorded_gap`."""
    found: dict[str, list[dict[str, Any]]] = {}
    for column, outcome in _counts.bits_read(program).items():
        if outcome.register:
            gap = recorded_gap(program.experiment, outcome.gap, program.points)
            about = {"column": column, "qubit": outcome.qubit, "gap": gap}
            found.setdefault(outcome.register, []).append(about | ({"as_read": True} if outcome.as_read else {}))
    return found


def recorded_gap(experiment: Experiment | None, gap: float | str, points: Points) -> float | dict[str, list[float]]:
    """A gap as start.json has it: one number where it is the same at every point and in every arm, else arm -> gaps.

    Args:
        experiment: The protocol with its fields; None where gaps are numbers.
        gap: Of a column, a number or the name of one among the protocol's values.
        points: The sweep.
    """
    if experiment is None or not isinstance(gap, str):
        return typing.cast("float", gap)
    each = {arm: gap_read(experiment, gap, points, arm).tolist() for arm in points.arms}
    known = {value for values in each.values() for value in values}
    return known.pop() if len(known) == 1 else each


def cold_and_thermal(
    registers: Mapping[str, Sequence[Mapping[str, Any]]], before: Mapping[str, Array]
) -> tuple[list[str], list[str]]:
    """Registers of ancillas that start in their ground state, and thermal ones; bits of feedback are neither.

    Args:
        registers: As in start.json.
        before: Exact energies at the reference [gap]; a register that is not there, or whose gap is 0, counts as
            thermal, for its energy does not tell.

    Examples:
        >>> bath, record = [{"column": "bath_1", "gap": 1.0}], [{"column": "M.1", "gap": 1.0, "as_read": True}]
        >>> cold_and_thermal({"bath": bath, "record": record}, {"bath": np.array([0.1]), "record": np.array([0.0])})
        ([], ['bath'])
    """
    ancillas = {name: columns for name, columns in registers.items() if not all(c.get("as_read") for c in columns)}
    cold = [name for name, columns in ancillas.items() if columns[0]["gap"] and not np.any(before.get(name, 1.0))]
    cold = [name for name in cold if not isinstance(ancillas[name][0]["gap"], Mapping)]
    return cold, [name for name in ancillas if name not in cold]


def _shown(program: Program, index: int) -> bool:
    """Whether a template is drawn: the last basis of each arm and member stands for all its bases."""
    block, qubits = program.blocks[index], len(program.experiment.qubits)
    return block.setting.basis[:qubits] == program.bases[-1] and not block.prepared


def _drawings(circuits: list[QuantumCircuit]) -> str:
    # a bundle of classical wires cannot show into which bit `measure_2` reads, of which qiskit would warn
    bundled = [None if "measure_2" not in c.count_ops() else False for c in circuits]
    drawn = [c.draw("text", fold=160, idle_wires=False, cregbundle=b) for c, b in zip(circuits, bundled, strict=True)]
    return "\n\n".join(f"{c.name}\n{picture}" for c, picture in zip(circuits, drawn, strict=True)) + "\n"


def _qpy(circuits: tuple[QuantumCircuit, ...]) -> bytes:
    from qiskit import qpy

    buffer = io.BytesIO()
    qpy.dump(list(circuits), buffer)
    return buffer.getvalue()


def _sizes(plan: Plan) -> list[dict[str, object]]:
    """Sizes of every template as executed and, under `written`, before transpiling; one entry an arm and member."""
    sizes = []
    for index, executed in enumerate(plan.executed):
        if _shown(plan.program, index):
            block = plan.program.blocks[index]
            structure = dict(block.setting.structure)
            named = {"arm": block.setting.arm, "member": block.setting.member, "structure": structure}
            sizes.append({**named, **_size(executed), "written": _size(block.circuit)})
    return sizes


def _size(circuit: QuantumCircuit) -> dict[str, object]:
    gates = {name: count for name, count in circuit.count_ops().items() if name != "barrier"}
    return {
        "gates": gates,
        "two_qubit_gates": sum(map(is_entangling, circuit.data)),
        "two_qubit_depth": circuit.depth(is_entangling),
        "depth": circuit.depth(),
    }


def is_entangling(instruction: Any) -> bool:
    """Whether an instruction of a circuit is a gate of two qubits, and no barrier."""
    return len(instruction.qubits) == 2 and instruction.operation.name != "barrier"


def meanings(columns: Iterable[str], declared: Iterable[Parameter]) -> dict[str, str]:
    """What each column of counts.csv or expectations.csv means, with its unit.

    Args:
        columns: Names of the columns; one that is neither declared nor the same in every run holds bits.
        declared: Parameters of the protocol; a pure number has the unit 1.

    Examples:
        >>> spec = Parameter(name="T_A", default=2.0, unit="gap/k_B", meaning="local temperature of A")
        >>> meanings(["T_A", "A"], [spec])
        {'T_A': 'local temperature of A [gap/k_B]', 'A': '0: the +1 eigenvalue, for Z the ground state'}
    """
    known = {spec.name: f"{spec.meaning} [{spec.unit or '1'}]" for spec in declared}
    fixed = {
        "arm": "main, or the name of a control",
        "copy": "copy of the experiment on the chip",
        "pass": "interleaved pass; of calibration rows 0 is before and 1 after the measurement",
        "alone": "1: all other copies idled, in a pass of its own; such rows check the others and are not among them",
        "role": "point, reference (added to compare with), control or calibration",
        "member": "member of the ensemble of pure preparations",
        "batch": "draw of the flips that it belongs to; the scatter of the batches is the error",
        "weight": "exact probability of the member",
        "basis": "one letter per qubit in the order of the qubit columns; cal for calibration",
        "prepared": "bits prepared in a calibration row",
        "count": "how often this outcome was observed",
        "pauli": "Pauli word, one letter per qubit",
        "value": "its expectation value",
        "stderr": "standard error of the value",
    }
    bit = "0: the +1 eigenvalue, for Z the ground state"
    return {name: known.get(name, fixed.get(name, bit)) for name in columns}


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "absent"
    return found


def _revision() -> str:
    """Git revision of the source tree this runs from, with + if it has changes; empty if it is no checkout."""
    here = Path(__file__).resolve().parent.parent.parent
    if not (here / ".git").exists():
        return ""
    try:
        words = "describe --always --dirty=+ --abbrev=40 --exclude=*"
        asked = ["git", "--no-optional-locks", "-C", str(here), *words.split()]
        return subprocess.run(asked, capture_output=True, text=True, timeout=10, check=False).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""
