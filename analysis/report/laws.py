"""Many second laws, and the budget of a pair, as plain data for the page and for verdict.json."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from analysis.figures import sweep
from analysis.laws import Budget, SecondLaws, budget_of, second_laws_of
from analysis.report.page import compact
from analysis.verdict import finite

if typing.TYPE_CHECKING:
    from analysis.result import Analysis


def second_laws_section(analysis: Analysis) -> list[dict[str, Any]]:
    """One entry a system that a bath thermalises, its numbers as text.

    Args:
        analysis: What a run says.
    """
    return [_told(one) for one in second_laws_of(analysis)]


def _told(one: SecondLaws) -> dict[str, Any]:
    lines = [
        {
            "order": order.name.replace("inf", "∞"),
            "before": f"{order.before:.4f}",
            "after": compact(order.after.value, order.after.stderr),
            "change": compact(order.change.value, order.change.stderr),
            "interval": f"{order.change.low:.4f} .. {order.change.high:.4f}",
            "said": order.said,
        }
        for order in one.orders
    ]
    return {
        "subject": one.subject,
        "where": _where(one.where),
        "temperature": f"{one.temperature:.6g}",
        "lines": lines,
        "margin": compact(one.margin.value, one.margin.stderr),
        "margin_interval": f"{one.margin.low:.4f} .. {one.margin.high:.4f}",
        "said": one.said,
        "one_count": None if one.one_count is None else [f"{value:.4f}" for value in one.one_count],
    }


def second_laws_document(analysis: Analysis) -> list[dict[str, Any]]:
    """The same as numbers.

    Args:
        analysis: What a run says.
    """
    return [
        _plain(
            {
                "subject": one.subject,
                "where": dict(one.where),
                "temperature": one.temperature,
                "populations_before": one.before.tolist(),
                "populations_after": one.after.tolist(),
                "thermal_populations": one.gibbs.tolist(),
                "orders": [{**asdict(order), "said": order.said} for order in one.orders],
                "thermo_majorisation": {**asdict(one.margin), "said": one.said},
                "order_0_with_one_count_more": None if one.one_count is None else list(one.one_count),
            }
        )
        for one in second_laws_of(analysis)
    ]


def _plain(document: dict[str, Any]) -> dict[str, Any]:
    return typing.cast("dict[str, Any]", finite(document))


def budget_section(analysis: Analysis) -> dict[str, Any] | None:
    """The same numbers as text, each with what it is called.

    Args:
        analysis: What a run says.
    """
    found = budget_document(analysis)
    if found is None:
        return None
    lines = [
        {
            "name": _NAMES[one["observable"]].format(subject=one["subject"]),
            "value": compact(_number(one["value"]), _number(one["stderr"])),
            "interval": f"{_number(one['low']):.4f} .. {_number(one['high']):.4f}",
            "ideal": "" if one["ideal"] is None else f"{one['ideal']:.4f}",
            "unit": one["unit"],
        }
        for one in found["rows"]
    ]
    return {"where": _where(found["where"]), "lines": lines}


_NAMES = {
    "clausius_sum": "Clausius sum of {subject}",
    "mutual_information_change": "= change of mutual information",
    "relative_entropy": "+ relative entropy of {subject} to the reference",
    "clausius_residual": "+ entropy that {subject} gained",
    "conditional_entropy": "conditional entropy S({subject})",
    "heat": "heat of {subject}, by its energy",
    "conditional_entropy_heat": "heat of {subject} by conditional entropy (inferred)",
}


def _where(swept: Mapping[str, float]) -> str:
    return ", ".join(f"{name} = {value:.6g}" for name, value in swept.items())


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def budget_document(analysis: Analysis) -> dict[str, Any] | None:
    """The budget of a pair where correlations changed most, of the first sweep; None without one.

    Args:
        analysis: What a run says.
    """
    panel = sweep(analysis).panels[0]
    found = budget_of(analysis, panel.table)
    return None if found is None else _budget(analysis, found)


def _budget(analysis: Analysis, found: Budget) -> dict[str, Any]:
    best = int(np.argmax(np.abs(np.nan_to_num(found.parts["ΔI"].value))))
    at = int(found.total.point[best])
    estimates = analysis.estimates

    def row(name: str, subject: str) -> dict[str, Any]:
        one = estimates.quantities[name, subject]
        numbers = {key: float(getattr(one, key)[0, at]) for key in ("value", "stderr", "low", "high", "ideal")}
        return _plain({"observable": name, "subject": subject, "unit": one.observable.unit, **numbers})

    both, qubits = analysis.record.system, analysis.record.start["qubits"]
    names = [
        ("clausius_sum", both),
        ("mutual_information_change", both),
        *(("relative_entropy", qubit) for qubit in qubits),
        ("clausius_residual", both),
        *(("conditional_entropy", "|".join(pair)) for pair in (qubits[::-1], qubits)),
        *((name, qubit) for name in ("heat", "conditional_entropy_heat") for qubit in qubits),
    ]
    parameters = estimates.points.parameters
    return {
        "where": {name: float(parameters[name][at]) for name in estimates.swept},
        "rows": [row(*key) for key in names if key in estimates.quantities],
    }
