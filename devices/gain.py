"""What gates of any angle would gain a program on a device, by the calibration; whether to take them the user says.

Compared are the templates in the device's fixed gates on their best place with the same templates in gates of any angle
on theirs: the probability that some gate of the worst template goes wrong,

    1 - prod over gates (1 - e),

and the longest time to its readout. Errors of readout are alike and left out. For which angle
a calibration reports the error of rzz is not said: smaller ones may do better.
"""

from __future__ import annotations

import math
import typing
from collections.abc import Sequence
from dataclasses import dataclass

from devices.chip import FRACTIONAL, sub_target
from devices.errors import PlatformError
from devices.model import Device, RemoteDevice
from protocols import Program, RequestError, compile, load

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.transpiler import Target

_NO_GATES = frozenset({"measure", "measure_2", "reset", "reset_2", "delay", "barrier", "if_else"})


@dataclass(frozen=True, kw_only=True)
class Carried:
    """A program in some gates of a device, on its best place for them."""

    qubits: tuple[int, ...]
    error: float
    """Probability that some gate of the worst template goes wrong."""
    seconds: float
    """From the first gate of the longest template to its readout."""


@dataclass(frozen=True, kw_only=True)
class Gain:
    """The same program without and with gates of any angle."""

    without: Carried
    fractional: Carried

    @property
    def pays(self) -> bool:
        """Whether the calibration reports fewer errors with them."""
        return self.fractional.error < self.without.error

    @property
    def text(self) -> str:
        """In one sentence."""
        each = [
            f"{one.error:.2%} in {one.seconds * 1e6:.2f} us on qubits {', '.join(map(str, one.qubits))}"
            for one in (self.fractional, self.without)
        ]
        advice = "--fractional would pay" if self.pays else "--fractional would not pay"
        return (
            f"{advice}: gates of the worst circuit go wrong with a probability of {each[0]} with gates of any angle, "
            f"of {each[1]} without, by the calibration"
        )


def fractional_gain(program: Program, device: Device) -> Gain | None:
    """What gates of any angle would gain; None where the device has none, or cannot say.

    Args:
        program: What is to be run.
        device: Where; the qubits that the user named are kept.
    """
    found = typing.cast("typing.Any", device)
    if isinstance(device, RemoteDevice):
        try:
            return gain(program, found.whole_target(), device.name, found.options.qubits)
        except PlatformError:
            return None
    if not device.noisy or found.backend is None:
        return None
    return gain(program, found.backend.target, device.name, found.qubits)


def gain(program: Program, target: Target, device_name: str, qubits: Sequence[int] | None = None) -> Gain | None:
    """The same for a target with all the gates that the device has.

    Args:
        program: What is to be run.
        target: The device, with its calibration.
        device_name: For errors.
        qubits: That the user named; None: the best for each kind of gates.
    """
    if not set(FRACTIONAL) <= set(target.operation_names):
        return None
    try:
        without, fractional = (_carried(program, target, device_name, qubits, wanted) for wanted in (False, True))
    except RequestError:
        # the program fits with one kind of gates alone: that is said by whoever runs it
        return None
    return Gain(without=without, fractional=fractional)


def gain_of_a_pair(target: Target, device_name: str) -> Gain | None:
    """The gain for one point of the default heat exchange, correlated members and all.

    Args:
        target: The device, with its calibration and all its gates.
        device_name: For errors.
    """
    experiment = load("heat-exchange")(time=[7.0])
    return gain(compile(experiment, shots=64, bases="ZZ"), target, device_name)


def _carried(
    program: Program, target: Target, device_name: str, qubits: Sequence[int] | None, fractional: bool
) -> Carried:
    from devices.chip.layout import lay_out

    layout = lay_out(program, target, device_name, qubits=qubits, fractional=fractional)
    place = tuple(layout.placement.physical.values())
    sub = sub_target(target, place)
    return Carried(
        qubits=place,
        error=max(_error(circuit, sub) for circuit in layout.executed),
        seconds=max(_seconds(circuit, sub) for circuit in layout.executed),
    )


def _error(circuit: QuantumCircuit, target: Target) -> float:
    logarithm = sum(math.log1p(-(getattr(one, "error", None) or 0.0)) for _, one in _gates(circuit, target))
    return -math.expm1(logarithm)


def _seconds(circuit: QuantumCircuit, target: Target) -> float:
    until = dict.fromkeys(range(circuit.num_qubits), 0.0)
    for place, properties in _gates(circuit, target):
        end = max(until[qubit] for qubit in place) + (getattr(properties, "duration", None) or 0.0)
        until |= dict.fromkeys(place, end)
    return max(until.values())


def _gates(circuit: QuantumCircuit, target: Target) -> list[tuple[tuple[int, ...], object]]:
    """Gates in their order: qubits, and what the calibration says of them."""
    found: list[tuple[tuple[int, ...], object]] = []
    for one in circuit.data:
        if one.operation.name not in _NO_GATES:
            place = tuple(circuit.find_bit(qubit).index for qubit in one.qubits)
            found.append((place, (target[one.operation.name] or {}).get(place)))
    return found
