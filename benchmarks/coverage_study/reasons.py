"""Why rows fail, one sentence each, where we know."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

REASONS: tuple[tuple[Mapping[str, Collection[str]], str], ...] = ()
"""Columns with their values -> a sentence, the special ones first:
`({"observable": ("discord",), "state": ("hot entangled",), "verdict": ("under",)}, "Because ...")`."""


def reason_of(row: Mapping[str, Any], reasons: Collection[tuple[Mapping[str, Collection[str]], str]] = REASONS) -> str:
    """The first sentence whose columns are those of a failing row; empty where there is none yet.

    Args:
        row: Of the table, values by column.
        reasons: Where to look.

    Examples:
        >>> known = [({"observable": ("discord",), "shots": ("100", "200")}, "It is hard.")]
        >>> reason_of({"observable": "discord", "shots": 200}, known)
        'It is hard.'
    """
    for where, sentence in reasons:
        if all(str(row[column]) in values for column, values in where.items()):
            return sentence
    return ""
