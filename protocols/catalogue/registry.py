"""The catalogue: every public module of protocols/ is a protocol of that name."""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import traceback
import types
from pathlib import Path
from typing import Any

from protocols.catalogue.protocol_class import check_class
from protocols.program import described
from protocols.types import ProtocolError, RequestError


@functools.cache
def names() -> tuple[str, ...]:
    """Names of all protocols, as on the command line."""
    modules = pkgutil.iter_modules(importlib.import_module("protocols").__path__)
    return tuple(sorted(m.name.replace("_", "-") for m in modules if not m.ispkg and not m.name.startswith("_")))


def load(name: str) -> Any:
    """The class of a protocol: the dataclass of its module whose `name` is the protocol's.

    Raises:
        RequestError: For a name that is not in the catalogue.
        ProtocolError: For a file that cannot be read, or that does not say what a protocol has to say.
    """
    if name not in names():
        raise RequestError(f"Argument `protocol` must be one of {', '.join(names())}, but is {name!r}.")
    found = _class_of(_module(name), name)
    check_class(found)
    return found


def readable() -> tuple[dict[str, Any], dict[str, str]]:
    """The catalogue as far as it can be used: a mistake in one file does not stop the others.

    Returns:
        Name -> class of each protocol that loads, and name -> what is wrong with each that does not.
    """
    found: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name in names():
        try:
            found[name] = load(name)
        except ProtocolError as error:
            wrong[name] = str(error)
    return found, wrong


def _module(name: str) -> types.ModuleType:
    """The module of a protocol."""
    own = name.replace("-", "_")
    file = f"protocols/{own}.py"
    try:
        return importlib.import_module(f"protocols.{own}")
    except SyntaxError as error:
        where = file if Path(error.filename or "").name == f"{own}.py" else error.filename
        text = f": {error.text.strip()}" if error.text else ""
        raise ProtocolError(f"{where}, line {error.lineno}: {error.msg}{text} - correct this line.") from error
    except Exception as error:
        lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).name == f"{own}.py"]
        where = f"{file}, line {lines[-1]}" if lines else file
        raise ProtocolError(f"{where}: it cannot be imported: {described(error)}. Correct it there.") from error


def _class_of(module: types.ModuleType, name: str) -> Any:
    """The class of this module that has the protocol's name."""
    file = f"protocols/{name.replace('-', '_')}.py"
    own = [c for c in vars(module).values() if inspect.isclass(c) and c.__module__ == module.__name__]
    for offered in own:
        if getattr(offered, "name", None) == name:
            return offered
    for offered in own:
        if isinstance(other := getattr(offered, "name", None), str):
            raise ProtocolError(
                f"{file}: class {offered.__name__} has `name` = {other!r}, but a protocol is named like its file: "
                f"{name!r}. Correct `name`, or rename the file to {other.replace('-', '_')}.py."
            )
    raise ProtocolError(f'{file}: no class has a `name`. Give the protocol\'s class name: ClassVar[str] = "{name}".')
