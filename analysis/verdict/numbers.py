"""Findings for JSON: what kind each is, and its numbers."""

from __future__ import annotations

import math
import typing
from collections.abc import Mapping
from dataclasses import asdict

import numpy as np


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
    return {"kind": kind} | {name: finite(value) for name, value in asdict(found).items()}


def finite(value: object) -> object:
    """A number, word or nest of them as JSON has them: plain Python, null for what is not finite."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Mapping):
        return {str(name): finite(one) for name, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
