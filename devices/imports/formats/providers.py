"""Results as Aer, Amazon Braket and IonQ write them: outcomes of every circuit, in the order that the form fixes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from devices.imports.formats.histograms import Histogram
from devices.imports.formats.labels import Labels, of_metadata, of_name
from protocols import RequestError

_BRAKET = "braket.task_result.gate_model_task_result"


def is_aer(data: object) -> bool:
    """Whether data are a `Result` of Qiskit: the object, its dictionary, or what RuntimeEncoder writes of it."""
    if not isinstance(data, Mapping):
        return _is_object(data, "qiskit.result", "Result")
    if data.get("__type__") == "Result":
        return True
    results = data.get("results")
    return isinstance(results, list) and bool(results) and all(_has_counts(one) for one in results)


def aer_circuits(data: Any, labels: Labels, name: str) -> Iterator[Histogram]:
    """Histograms of the circuits of a `Result`: keys are hexadecimal numbers, bit 0 the first classical bit.

    Args:
        data: As `is_aer` knows it.
        labels: Of all of them.
        name: For errors.

    Raises:
        RequestError: For a circuit that failed.
    """
    document = data if isinstance(data, Mapping) else data.to_dict()
    document = document["__value__"] if document.get("__type__") == "Result" else document
    for number, one in enumerate(document["results"], 1):
        header = one.get("header") or {}
        header = header if isinstance(header, Mapping) else header.to_dict()
        said = str(header.get("name", ""))
        own = f"{name}, circuit {number}" + (f" ({said})" if said else "")
        if not one.get("success", True) or not _has_counts(one):
            raise RequestError(f"{own}: failed, or has no counts ({one.get('status', 'no status')}). Run it again.")
        sizes = header.get("creg_sizes") or []
        wires = [f"{register}[{i}]" if size > 1 else register for register, size in sizes for i in range(size)]
        yield Histogram(
            name=own,
            labels={**of_name(said), **of_metadata(header.get("metadata")), **labels},
            outcomes=one["data"]["counts"],
            order="last",
            width=header.get("memory_slots"),
            wires=tuple(wires) if len(sizes) > 1 else (),
        )


def _has_counts(one: object) -> bool:
    data = one.get("data") if isinstance(one, Mapping) else None
    return isinstance(data, Mapping) and isinstance(data.get("counts"), Mapping)


def _is_object(data: object, module: str, name: str) -> bool:
    return any(c.__module__.startswith(module) and c.__name__ == name for c in type(data).__mro__)


def is_braket(data: object) -> bool:
    """Whether data are the result of a task on gates: the object of the service or of the SDK, or its JSON."""
    if isinstance(data, Mapping):
        header = data.get("braketSchemaHeader")
        return isinstance(header, Mapping) and header.get("name") == _BRAKET
    return type(data).__module__.startswith("braket.") and (
        hasattr(data, "measuredQubits") or hasattr(data, "measured_qubits")
    )


def braket_circuits(data: Any, labels: Labels, name: str) -> Iterator[Histogram]:
    """The histogram of one task: outcomes have the measured qubits from left to right.

    Args:
        data: As `is_braket` knows it.
        labels: Of the circuit.
        name: For errors.

    Raises:
        RequestError: For a task without outcomes.
    """

    def said(*names: str) -> Any:
        for one in names:
            value = data.get(one) if isinstance(data, Mapping) else getattr(data, one, None)
            if value is not None:
                return value
        return None

    measurements, task = said("measurements"), said("taskMetadata", "task_metadata")
    outcomes: Mapping[Any, Any] | None = said("measurementProbabilities", "measurement_probabilities")
    if measurements is not None and len(measurements):
        outcomes = Counter("".join(str(int(bit)) for bit in shot) for shot in measurements)
    if not outcomes:
        raise RequestError(f"{name}: the task has no outcomes. Run it with a number of shots, and import that result.")
    shots = task.get("shots") if isinstance(task, Mapping) else getattr(task, "shots", None)
    qubits = said("measuredQubits", "measured_qubits") or ()
    yield Histogram(
        name=name,
        labels=labels,
        outcomes=outcomes,
        order="first",
        wires=tuple(str(qubit) for qubit in qubits),
        width=len(qubits) or None,
        shots=shots,
    )


def is_ionq(data: object) -> bool:
    """Whether data are a job of IonQ with its histogram, or its results by register."""
    if not isinstance(data, Mapping):
        return False
    inner = data.get("data")
    return (isinstance(inner, Mapping) and isinstance(inner.get("histogram"), Mapping)) or _registers(data) is not None


def ionq_circuits(data: Any, labels: Labels, name: str) -> Iterator[Histogram]:
    """The histogram of one job. Decimal keys are numbers whose bit 0 is qubit 0; the order of bit strings is not fixed.

    Args:
        data: As `is_ionq` knows it.
        labels: Of the circuit.
        name: For errors.

    Raises:
        RequestError: For several registers, none of which is the whole output.
    """
    registers = _registers(data)
    said = str(data.get("name", ""))
    own: Labels = {**of_name(said), **of_metadata(data.get("metadata")), **labels}
    if registers is None:
        yield Histogram(
            name=name,
            labels=own,
            outcomes=data["data"]["histogram"],
            order="last",
            numbers=True,
            width=data.get("qubits"),
            shots=data.get("shots"),
        )
        return
    if "output_all" not in registers and len(registers) != 1:
        listed = ", ".join(map(str, registers))
        raise RequestError(f"{name}: has the registers {listed}, each without the others. Import output_all.")
    outcomes = registers.get("output_all") or next(iter(registers.values()))
    yield Histogram(name=name, labels=own, outcomes=outcomes, shots=data.get("shots"))


def _registers(data: Mapping[Any, Any]) -> Mapping[str, Mapping[Any, Any]] | None:
    for kind in ("probabilities", "histogram"):
        inner = data.get(kind)
        registers = inner.get("registers") if isinstance(inner, Mapping) else None
        if isinstance(registers, Mapping) and registers:
            return registers
    return None
