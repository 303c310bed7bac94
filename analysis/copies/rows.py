"""The table of a run with copies: rows of the mean, and below them those of every copy."""

from __future__ import annotations

import typing
from dataclasses import replace

import numpy as np

from analysis.copies.copies import Copies, Pooled
from analysis.estimate_arrays import Estimates, Name
from analysis.mitigation import Mitigated
from analysis.table import MEAN, tidy

if typing.TYPE_CHECKING:
    import pandas as pd


def tidy_copies(found: Estimates, copies: Copies, beside: Mitigated | None = None) -> pd.DataFrame:
    """The table, with the columns `copy` ("pooled", or its number) and `pooling` (how the mean was made).

    Args:
        found: The mean over copies.
        copies: Every copy by itself.
        beside: The mean with errors of gates removed; None: there are no such rows.
    """
    import pandas as pd

    pooled = tidy(found, beside).assign(copy=MEAN)
    pooled["pooling"] = _how(pooled, copies)
    mitigated = dict(zip(copies.mitigated_numbers, copies.mitigated, strict=True)) if beside is not None else {}
    empty = None if beside is None else replace(beside, rows={})
    each = [
        tidy(one, mitigated.get(number, empty)).assign(copy=str(number), pooling="")
        for number, one in zip(copies.numbers, copies.each, strict=True)
    ]
    table = pd.concat([pooled, *each], ignore_index=True)
    return table[_in_order(list(table.columns), found)]


def _in_order(columns: list[str], found: Estimates) -> list[str]:
    """`copy` behind the arm, or behind the parameters where there is one arm; `pooling` last."""
    rest = [name for name in columns if name not in ("copy", "pooling")]
    after = "arm" if "arm" in rest else ([*found.swept, "role"])[len(found.swept) - 1]
    place = rest.index(after) + 1
    return [*rest[:place], "copy", *rest[place:], "pooling"]


def _how(table: pd.DataFrame, copies: Copies) -> pd.Series:
    """How each row of the mean was made; empty where nothing was measured."""
    import pandas as pd

    raw, mitigated = (_by_name(of) for of in (copies.pooled, copies.pooled_mitigated))
    keys = zip(table["observable"], table["subject"], table.get("scheme", pd.Series([""] * len(table))), strict=True)
    ways = table["mitigation"] if "mitigation" in table else ["none"] * len(table)
    words = [(raw if way == "none" else mitigated).get(key, "") for key, way in zip(keys, ways, strict=True)]
    return pd.Series(np.where(table["value"].isna(), "", words), index=table.index)


def _by_name(pooled: typing.Mapping[Name, Pooled]) -> dict[tuple[str, str, str], str]:
    return {(one.observable.name, one.observable.subject, one.observable.scheme): one.how for one in pooled.values()}
