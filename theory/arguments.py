"""What a number has to be before anything is computed with it."""

from __future__ import annotations

import math
from typing import Any

from protocols import RequestError


def positive(name: str, value: Any, example: str = "1") -> None:
    """Refuses what is not a finite number above 0.

    Raises:
        RequestError: Naming the argument, the rule, the value and the repair.
    """
    if not (math.isfinite(value) and value > 0):
        raise RequestError(f"Argument `{name}` must be a positive number, but is {value}. Give e.g. {example}.")


def counting(name: str, value: Any, least: int, *, even: bool = False) -> None:
    """Refuses what is not a whole number from `least` on.

    Raises:
        RequestError: Naming the argument, the rule, the value and the repair.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least or (even and value % 2):
        kind = "an even number" if even else "a whole number"
        raise RequestError(f"Argument `{name}` must be {kind} >= {least}, but is {value!r}. Give e.g. {2 * least}.")


def within(name: str, value: Any, low: float, high: float, *, strict: bool = False) -> None:
    """Refuses what lies outside low..high; with `strict` also what is `low`.

    Raises:
        RequestError: Naming the argument, the rule, the value and the repair.
    """
    if not (low <= value <= high) or (strict and value == low):
        rule = f"above {low:g} and at most {high:g}" if strict else f"within {low:g}..{high:g}"
        raise RequestError(f"Argument `{name}` must be {rule}, but is {value}. Give e.g. {(low + high) / 2:g}.")
