"""Devices by name, as on the command line."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from devices._job import Device
from devices.exact import Exact
from protocols import RequestError


def open_device(name: str) -> Device:
    """A device by name: "exact", "aer" or "aer:fake_NAME".

    Raises:
        RequestError: For any other name.
    """
    if name == "exact":
        return Exact()
    kind, _, backend = name.partition(":")
    if kind == "aer" and name != "aer:":
        from devices.aer import Aer, open_backend

        return open_backend(backend) if backend else Aer()
    raise RequestError(
        f"Argument `device` must be exact, aer or aer:fake_NAME (e.g. aer:fake_fez), but is {name!r}. "
        "hotward list names them all."
    )


def names() -> tuple[str, ...]:
    """Every device of this installation, found without importing qiskit."""
    spec = importlib.util.find_spec("qiskit_ibm_runtime")
    places = spec.submodule_search_locations if spec else None
    stored = Path(next(iter(places))) / "fake_provider" / "backends" if places else Path()
    fakes = sorted(p.name for p in stored.iterdir() if any(p.glob("props_*.json"))) if places else []
    return ("exact", *(["aer", *(f"aer:fake_{name}" for name in fakes)] if places else []))
