"""Devices by name, as on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from devices.ibm import HardwareOptions
from devices.model import Device, RemoteDevice
from devices.simulators.exact import Exact
from devices.snapshots import snapshots
from protocols import RequestError

_COPIES = ("copies", "spacing", "floor")
_ON_STORED_CALIBRATIONS = {"qubits", "fractional", *_COPIES, "alone"}
"""Options of hardware that its simulation has too."""


def open_device(name: str, hardware: HardwareOptions | None = None) -> Device:
    """A device by name: "exact", "exact:white=0.02", "aer", "aer:fake_NAME", "aer:fake_NAME:gates" or "ibm:NAME".

    Args:
        name: As on the command line.
        hardware: How to run on hardware; "aer:fake_NAME" has qubits, fractional gates and copies too.

    Raises:
        RequestError: For any other name, or options that the device does not have.
        PlatformError: If a platform does not answer.
    """
    if name.startswith("ibm:") and name != "ibm:":
        from devices.ibm.device import IBM

        return IBM(backend_name=name.removeprefix("ibm:"), options=hardware or HardwareOptions())
    kind, _, backend = name.partition(":")
    stored = kind == "aer" and backend != ""
    _check_hardware(name, hardware, _ON_STORED_CALIBRATIONS if stored else set())
    if stored:
        from devices.simulators.aer import open_backend

        chosen = hardware or HardwareOptions()
        return replace(
            open_backend(backend), qubits=chosen.qubits, fractional=chosen.fractional, copies=chosen.side_by_side
        )
    if name == "exact":
        return Exact()
    if name.startswith("exact:"):
        return Exact(name=name, white_noise=_white_noise(name))
    if name == "aer":
        from devices.simulators.aer import Aer

        return Aer()
    raise RequestError(
        "Argument `device` must be exact, exact:white=0.02, aer, aer:fake_NAME (as aer:fake_boston), "
        f"aer:fake_NAME:gates or ibm:NAME (e.g. ibm:ibm_fez), but is {name!r}. hotward list names those that run here, "
        "hotward backends those of IBM."
    )


def _check_hardware(name: str, hardware: HardwareOptions | None, served: set[str]) -> None:
    """Refuses options that a simulator does not have."""
    for option in fields(HardwareOptions):
        if not hardware or option.name in served or getattr(hardware, option.name) == option.default:
            continue
        if option.name in _COPIES:
            raise RequestError(
                f"Argument `{option.name}` is for copies on a chip, but {name} has none: there they would be equal, "
                "and nothing but more --shots. Drop it, or take --device aer:fake_boston or ibm:NAME."
            )
        raise RequestError(
            f"Argument `{option.name}` is for hardware, but the device is {name}. Drop it, or take --device ibm:NAME."
        )


def _white_noise(name: str) -> float:
    key, _, text = name.removeprefix("exact:").partition("=")
    try:
        fraction = float(text)
    except ValueError:
        fraction = -1.0
    if key != "white" or not 0 <= fraction <= 1:
        raise RequestError(
            f"Argument `device` exact takes white=FRACTION, 0..1, but is {name!r}. Try exact:white=0.02; "
            "hotward list names all devices."
        )
    return fraction


def names() -> tuple[str, ...]:
    """Every device of this installation, found without importing qiskit."""
    stored = snapshots()
    return ("exact", *(["aer", *(f"aer:{name}" for name in stored)] if stored else []))


def reopen_device(about: Mapping[str, Any]) -> RemoteDevice:
    """The device of a stored run, from what its start.json says of it."""
    from devices.ibm.device import reopen

    return reopen(about)
