"""Copies on one chip: how they were chosen, what their mean rests on, and each by itself, for the page."""

from __future__ import annotations

import math
import typing
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from analysis.copies import Copies, Pooled
from analysis.estimate_arrays import Name
from analysis.figures import Judged, judged
from analysis.report.page import compact, shown_quantities, wires
from analysis.verdict import pm
from analysis.verdict import probability as in_words

if typing.TYPE_CHECKING:
    from analysis.result import Analysis


def copies_section(analysis: Analysis) -> dict[str, Any] | None:
    """Everything that the page says of copies; None where there is one.

    Args:
        analysis: What a run says.
    """
    found, shown = analysis.copies, judged(analysis)
    if found is None:
        return None
    at = shown[0] if shown else None
    return {
        "number": found.number,
        "of": f"of {found.number} {found.noun}",
        "chosen": _chosen(analysis.record.start["device"].get("copies")),
        "place": at.place if at else "",
        "judged": at.name if at else "",
        "lines": _lines(analysis, found, at) if at else [],
        "ways": {one.how for one in found.pooled.values() if np.isfinite(one.value).any()},
        "mitigated": bool(found.pooled_mitigated),
        "each": _each(analysis, found, at),
        "worst": _worst(found, at) if at else "",
    }


def _chosen(packing: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """How places were chosen; None where nothing is known of it, as of counts that were imported."""
    if not packing:
        return None
    greedy, gain = packing["greedy"], packing["gain"]
    return {
        **packing,
        "gain": f"{gain:.1f}",
        "bound": f"{packing['bound']:.1f}",
        "greedy_number": greedy["number"],
        "greedy_gain": f"{greedy['gain']:.1f}",
    }


# ---- the mean ----


def _lines(analysis: Analysis, found: Copies, at: Judged) -> list[dict[str, str]]:
    """Raw and mitigated means at one point, what is judged first."""
    wanted = [at.key, *(key for key in shown_quantities(analysis) if key != at.key)]
    lines = []
    for key in wanted:
        for pooled, mitigated in ((found.pooled, False), (found.pooled_mitigated, True)):
            if key in pooled and math.isfinite(pooled[key].value[0, at.point]):
                ideal = float(analysis.estimates.quantities[key].ideal[0, at.point])
                lines.append(_line(key, pooled[key], at.point, ideal, mitigated=mitigated))
    return lines


def _line(key: Name, one: Pooled, point: int, ideal: float, *, mitigated: bool) -> dict[str, str]:
    """One mean with what it rests on."""
    numbers = {
        name: float(getattr(one, name)[0, point])
        for name in ("value", "stderr", "low", "high", "tau", "Q", "p", "degrees", "lowest", "highest")
    }
    places = _places(numbers["stderr"])
    systematic = "" if one.systematic is None else _small(float(one.systematic[0, point]), numbers["stderr"])
    tested = math.isfinite(numbers["Q"])
    name = f"{key[0].replace('_', ' ')} {key[1]}"
    return {
        "name": "\u2013 errors of gates removed" if mitigated else name,
        "mean": compact(numbers["value"], numbers["stderr"]),
        "systematic": systematic,
        "interval": _range(numbers["low"], numbers["high"], places),
        "ideal": f"{ideal:.{places}f}" if math.isfinite(ideal) else "",
        "tau": f"{numbers['tau']:.2g}" if math.isfinite(numbers["tau"]) else "",
        "Q": f"{numbers['Q']:.1f} ({numbers['degrees']:.0f})" if tested else "",
        "p": in_words(numbers["p"]).removeprefix("= ") if tested else "",
        "left_out": _range(numbers["lowest"], numbers["highest"], places),
        "how": one.how,
    }


def _small(systematic: float, stderr: float) -> str:
    """One digit; rounding alone is none."""
    return f"{systematic:.1g}" if systematic > 1e-3 * stderr else "0"


def _places(stderr: float) -> int:
    """Decimals of two digits of an error."""
    return max(0, 1 - math.floor(math.log10(stderr))) if math.isfinite(stderr) and stderr > 0 else 4


def _range(low: float, high: float, places: int) -> str:
    return f"{low:.{places}f} .. {high:.{places}f}" if math.isfinite(low + high) else ""


# ---- each ----


def _each(analysis: Analysis, found: Copies, at: Judged | None) -> list[dict[str, str]]:
    """A line a copy, in the order of their numbers, which is that of their scores."""
    device = analysis.record.start["device"]
    placed = {one["copy"]: one for one in device.get("placements", []) if one["physical"]}
    known = dict(zip(sorted(placed), device.get("calibration", {}).get("copies", []), strict=False))
    lines = []
    for index, number in enumerate(found.numbers):
        place = placed.get(number)
        lines.append(
            {
                "number": str(number),
                "wires": wires(place["physical"]) if place else "",
                "score": f"{place['score']:.4f}" if place else "",
                **_quality(known.get(number, {})),
                **_of_copy(found, index, at),
            }
        )
    return lines


def _quality(calibration: Mapping[str, Any]) -> dict[str, str]:
    """The worst coupler, readout and lifetime of a copy; empty where they are not known."""
    couplers = [one["error"] for one in calibration.get("couplers", {}).values()]
    readout = [one["readout_error"] for one in calibration.get("qubits", {}).values()]
    T1 = [one["T1_seconds"] for one in calibration.get("qubits", {}).values() if one["T1_seconds"]]
    readout = [error for error in readout if error is not None]
    return {
        "coupler": f"{max(couplers):.4f}" if couplers else "",
        "readout": f"{max(readout):.4f}" if readout else "",
        "T1": f"{min(T1) * 1e6:.0f}" if T1 else "",
    }


def _of_copy(found: Copies, index: int, at: Judged | None) -> dict[str, str]:
    """What is judged, in this copy, and how far that is from the mean in the copy's own standard errors."""
    if at is None:
        return {"value": "", "clean": "", "pull": ""}
    value, stderr = (float(found.of(at.key, what)[index, 0, at.point]) for what in ("value", "stderr"))
    mean = float(found.pooled[at.key].value[0, at.point]) if at.key in found.pooled else math.nan
    pull = (value - mean) / stderr if stderr > 0 else math.nan
    return {
        "value": compact(value, stderr),
        "clean": _clean(found, index, at),
        "pull": f"{pull:+.1f}" if math.isfinite(pull) else "",
    }


def _clean(found: Copies, index: int, at: Judged) -> str:
    """The same with errors of gates removed; empty where this copy allows none."""
    number = found.numbers[index]
    if number not in found.mitigated_numbers:
        return ""
    rows = found.mitigated[found.mitigated_numbers.index(number)].rows
    if at.key not in rows:
        return ""
    one = rows[at.key].estimated
    return compact(float(one.value[0, at.point]), float(one.stderr[0, at.point]))


def _worst(found: Copies, at: Judged) -> str:
    """What the mean becomes without the copy that moves it most, in words; empty where none does."""
    one = found.pooled.get(at.key)
    if one is None or not math.isfinite(float(one.lowest[0, at.point])):
        return ""
    low, high, value = (float(getattr(one, name)[0, at.point]) for name in ("lowest", "highest", "value"))
    stderr = float(one.stderr[0, at.point])
    moved = max(value - low, high - value)
    return f"No single copy moves the mean by more than {moved:.1g} ({pm(value, stderr)})." if moved > 0 else ""


def placed_in_words(placements: Sequence[Mapping[str, Any]]) -> str:
    """Where a program ran, in one line.

    Args:
        placements: Of the run record.

    Examples:
        >>> placed_in_words([{"copy": 0, "physical": {"A": 3, "B": 5}, "score": 0.97}])
        'qubits A = 3, B = 5'
        >>> placed_in_words([{"copy": c, "physical": {"A": 3 * c, "B": 3 * c + 1}, "score": 0.9} for c in (0, 1, 2)])
        '3 copies, the first on qubits A = 0, B = 1'
    """
    placed = [one["physical"] for one in placements if one["physical"]]
    if not placed:
        return ""
    where = f"qubits {wires(placed[0])}"
    return where if len(placed) == 1 else f"{len(placed)} copies, the first on {where}"
