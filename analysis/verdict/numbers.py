"""Findings for JSON: what kind each is, and its numbers."""

from __future__ import annotations

import math
import typing
from collections.abc import Mapping
from dataclasses import asdict


def numbers_of(found: typing.Any, kind: str) -> dict[str, object]:
    """A finding for JSON; what is not finite is null, as JSON has no such number.

    Args:
        found: A dataclass of numbers, words and other such.
        kind: What it is.

    Examples:
        >>> from analysis.verdict.findings import ValueAt
        >>> numbers_of(ValueAt(value=0.2, stderr=math.inf, at=7.0), "heat")
        {'kind': 'heat', 'value': 0.2, 'stderr': None, 'at': 7.0}
    """
    return {"kind": kind} | {name: _finite(value) for name, value in asdict(found).items()}


def _finite(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(name): _finite(one) for name, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
