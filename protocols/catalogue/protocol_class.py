"""What the class of a protocol has to say: every member, fields that are parameters, names that fit."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from typing import Any

from protocols.program import Experiment, Parameter, mistake

_LEFT_OUT = ("heated", "pairs", "without", "inverse_temperatures", "gaps", "machine")
"""What a protocol need not say."""
_DECORATOR = "@dataclass(frozen=True, kw_only=True, eq=False)"


@functools.cache
def check_class(protocol: type[Any]) -> None:
    """That a class says everything that a protocol has to say, in names that fit.

    Args:
        protocol: The class.

    Raises:
        ProtocolError: Otherwise.
    """
    _check_dataclass(protocol)
    _check_fields(protocol)
    _check_members(protocol)
    declared = sorted(field.name for field in dataclasses.fields(protocol))
    for attribute in ("axis", "counted", "origin"):
        named = getattr(protocol, attribute, None)
        if named and named not in declared:
            known = ", ".join(declared)
            repair = f"Name one of them, or add the field {named}: Real = parameter(...)."
            raise mistake(protocol, f"`{attribute}` is {named!r}, but the parameters are {known}. {repair}")
    for arm in protocol.controls:
        if arm in ("main", "off") or "," in arm:
            raise mistake(protocol, f"`controls` has {arm!r}, which means something else. Choose another word.")


def _check_dataclass(protocol: type[Any]) -> None:
    own = vars(protocol)
    if "__dataclass_fields__" not in own:
        # a class may inherit all of its fields
        if dataclasses.is_dataclass(protocol) and not any(isinstance(v, dataclasses.Field) for v in own.values()):
            return
        raise mistake(protocol, f"class {protocol.__name__} is no dataclass. Write {_DECORATOR} above it.")
    chosen = own["__dataclass_params__"]
    if not chosen.frozen or chosen.eq:
        # results are remembered by experiment: it must not change, and arrays in fields have no hash
        raise mistake(
            protocol, f"class {protocol.__name__} must be frozen and without eq. Write {_DECORATOR} above it."
        )


def _check_fields(protocol: type[Any]) -> None:
    known = {field.name for field in dataclasses.fields(Parameter)} - {"name", "default"}
    for field in dataclasses.fields(protocol):
        if not {"unit", "meaning"} <= set(field.metadata):
            repair = f"Write {field.name}: Real = parameter(..., meaning=...), or {field.name}: ClassVar[...] = ..."
            raise mistake(protocol, f"the field `{field.name}` is neither a parameter nor a ClassVar. {repair}")
        if unknown := set(field.metadata) - known:
            text = f"parameter(...) of `{field.name}` has the unknown word {', '.join(sorted(unknown))}"
            raise mistake(protocol, f"{text}; known are {', '.join(sorted(known))}. Correct it.")


def _check_members(protocol: type[Any]) -> None:
    for name in (*Experiment.__annotations__, *vars(Experiment)):
        if name.startswith("_") or name in _LEFT_OUT:
            continue
        found = inspect.getattr_static(protocol, name, None)
        if found is None and not hasattr(protocol, name):
            raise mistake(protocol, f"class {protocol.__name__} has no `{name}`. Add it, as protocols.Experiment says.")
        if getattr(found, "__isabstractmethod__", False):
            what = (inspect.getdoc(found) or "").split("\n")[0].rstrip(".")
            raise mistake(protocol, f"class {protocol.__name__} does not say `{name}` ({what}). Add it.")
    for name, found in inspect.getmembers_static(protocol):
        if getattr(found, "__isabstractmethod__", False):
            what = (inspect.getdoc(found) or "").split("\n")[0].rstrip(".")
            raise mistake(protocol, f"class {protocol.__name__} does not say `{name}` ({what}). Add it.")
