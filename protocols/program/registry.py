"""The catalogue: every public module of this directory is a protocol of that name."""

from __future__ import annotations

import dataclasses
import functools
import importlib
import pkgutil
from typing import Any

from protocols.types import RequestError


@functools.cache
def names() -> tuple[str, ...]:
    """Names of all protocols, as on the command line."""
    modules = pkgutil.iter_modules(importlib.import_module("protocols").__path__)
    return tuple(sorted(m.name.replace("_", "-") for m in modules if not m.ispkg and not m.name.startswith("_")))


def load(name: str) -> Any:
    """The class of a protocol: the dataclass of its module whose `name` is the protocol's.

    Raises:
        RequestError: For a name that is not in the catalogue.
    """
    if name not in names():
        raise RequestError(f"Argument `protocol` must be one of {', '.join(names())}, but is {name!r}.")
    module = importlib.import_module("protocols." + name.replace("-", "_"))
    for value in vars(module).values():
        if dataclasses.is_dataclass(value) and getattr(value, "name", None) == name:
            return value
    raise RequestError(f"protocols/{name.replace('-', '_')}.py must define a dataclass with name = {name!r}.")
