"""Which way the heat went: read off the table, with the trial factor of having looked at many points."""

from __future__ import annotations

import dataclasses
import math
import typing
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr, ndtri_exp

if typing.TYPE_CHECKING:
    import pandas as pd

DIRECTION_SIGMA = 3.0
"""Significance below which one qubit does not count as hotter, and a flow not as seen."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one sweep along the axis shows."""

    where: str
    """Values of the other swept parameters, empty if there are none."""
    hot: str | None
    """The hotter qubit at time 0; None if they cannot be told apart by 3 sigma."""
    reversed: bool | None
    """Whether heat went into the hot qubit; None without a direction."""
    headline: str
    """One sentence."""
    details: tuple[str, ...]
    """The rest, one sentence each."""
    heat: float | None = None
    """Net heat into the hot qubit at its best point [gap]."""
    stderr: float | None = None
    at: float | None = None
    """Where on the axis."""
    sigma: float | None = None
    """Significance of that heat, after the trial factor."""
    trials: int = 0
    """Points that were looked at."""

    def as_dict(self) -> dict[str, object]:
        """For --json."""
        return dataclasses.asdict(self)


def verdicts(table: pd.DataFrame, axis: str, others: Sequence[str], qubits: Sequence[str]) -> list[Verdict]:
    """One verdict for every combination of the swept parameters other than the axis.

    Args:
        table: As written to table.csv, with measured values.
        axis: Name of the axis column.
        others: The other swept parameters.
        qubits: Names of the two qubits.
    """
    if not others:
        return [_verdict(table, axis, "", qubits)]
    found = []
    for values, group in table.groupby(list(others), sort=True):
        keys = values if isinstance(values, tuple) else (values,)
        where = ", ".join(f"{name} = {value:.6g}" for name, value in zip(others, keys, strict=True))
        found.append(_verdict(group, axis, where, qubits))
    return found


def headline(found: Sequence[Verdict]) -> str:
    """One sentence over several sweeps; none is singled out, so there is nothing to correct for."""
    if len(found) == 1:
        return found[0].headline
    kinds = {"reversed": True, "not reversed": False, "without a direction": None}
    counted = {text: sum(v.reversed is kind for v in found) for text, kind in kinds.items()}
    return f"{len(found)} sweeps: " + ", ".join(f"{n} {text}" for text, n in counted.items() if n)


def global_sigma(z: float, trials: int) -> float:
    """One-sided significance of the best of several points: p = 1 - (1 - p_local)^trials.

    Examples:
        >>> round(global_sigma(3.0, 1), 6), round(global_sigma(3.0, 33), 3)
        (3.0, 1.71)
    """
    log_none = trials * float(log_ndtr(z))
    # so far out that 1 - (1 - p)^n rounds to 0: it is n p
    far = log_none > -1e-12
    log_any = float(log_ndtr(-z)) + math.log(trials) if far else math.log(-math.expm1(log_none))
    return -float(ndtri_exp(log_any))


def _verdict(table: pd.DataFrame, axis: str, where: str, qubits: Sequence[str]) -> Verdict:
    main = table[table["arm"] == "main"] if "arm" in table else table
    prefix = f"{where}: " if where else ""
    hot, direction = _direction(main, axis, qubits)
    if hot is None:
        return Verdict(where=where, hot=None, reversed=None, headline=prefix + direction, details=_balance(main, axis))
    later = _series(main, "heat", hot, axis)
    later = later[later[axis] > 0]
    if later.empty:
        text = "nothing to compare: only time 0 was measured"
        return Verdict(where=where, hot=hot, reversed=None, headline=prefix + text, details=(direction,))
    best = later.iloc[int(np.argmax(later["value"]))]
    worst = later.iloc[int(np.argmin(later["value"]))]
    trials = len(later)
    found = global_sigma(best["value"] / best["stderr"], trials)
    reverse = found > DIRECTION_SIGMA
    chosen = best if reverse else worst
    away = global_sigma(-worst["value"] / worst["stderr"], trials)
    tried = f"after a trial factor of {trials}" if trials > 1 else "at the one time measured"
    kept, size = f"hot {hot}", pm(abs(chosen["value"]), chosen["stderr"])
    place = f"at {axis} = {chosen[axis]:.6g}"
    if reverse:
        text = f"reversed: {kept} gained {size} gap {place} ({found:.1f} sigma {tried})"
    elif away > DIRECTION_SIGMA:
        text = f"not reversed: {kept} lost {size} gap {place} ({away:.1f} sigma {tried})"
    else:
        most = pm(best["value"], best["stderr"])
        text = f"no flow seen: heat into {kept} is at most {most} gap ({max(found, 0):.1f} sigma {tried})"
    details = [direction]
    if reverse and trials > 1:
        details += _turning(later, best, axis)
    details += _control(table, hot, axis, float(chosen[axis]))
    return Verdict(
        where=where,
        hot=hot,
        reversed=reverse,
        headline=prefix + text,
        details=(*details, *_balance(main, axis)),
        heat=float(chosen["value"]),
        stderr=float(chosen["stderr"]),
        at=float(chosen[axis]),
        sigma=found if reverse else away,
        trials=trials,
    )


def _series(table: pd.DataFrame, observable: str, subject: str, axis: str) -> pd.DataFrame:
    chosen = table[(table["observable"] == observable) & (table["subject"] == subject)]
    return chosen.sort_values(axis)


def _direction(main: pd.DataFrame, axis: str, qubits: Sequence[str]) -> tuple[str | None, str]:
    """The hotter qubit, by measurement at time 0 (equal gaps: the one with more energy), and how that is known."""
    first, second = qubits
    rows = main[(main["observable"] == "energy_difference") & (main[axis] == 0)]
    if rows.empty:
        # heat is counted from the nominal state then: energy minus heat is that state's energy
        ideal = {q: [_series(main, name, q, axis)["ideal"].iloc[0] for name in ("energy", "heat")] for q in qubits}
        gap, sigma = (ideal[first][0] - ideal[first][1]) - (ideal[second][0] - ideal[second][1]), 0.0
    else:
        gap, sigma = float(rows["value"].iloc[0]), float(rows["stderr"].iloc[0])
    hot, cold = (first, second) if gap > 0 else (second, first)
    if abs(gap) <= DIRECTION_SIGMA * sigma or abs(gap) < 1e-12:
        known = f"{pm(gap, sigma)} gap at time 0, below {DIRECTION_SIGMA:g} sigma" if sigma else "0, nominally"
        return None, f"no direction to reverse: E_{first} - E_{second} = {known}"
    if not sigma:
        return hot, f"{hot} is hotter by the nominal temperatures: E_{hot} - E_{cold} = {abs(gap):.6g} gap"
    size = f"{pm(abs(gap), sigma)} gap ({abs(gap) / sigma:.0f} sigma)"
    return hot, f"{hot} is hotter at time 0: E_{hot} - E_{cold} = {size}"


def _turning(later: pd.DataFrame, best: pd.Series, axis: str) -> list[str]:
    """When the flow turned, and when the net heat is zero again, by linear interpolation of the points."""
    after = later[later[axis] >= best[axis]]
    below = after[after["value"] <= 0]
    turned = f"the flow turned near {axis} = {best[axis]:.6g}"
    if below.empty:
        return [f"{turned}; the net heat does not return to zero within the sweep"]
    end = below.iloc[0]
    start = after[after[axis] < end[axis]].iloc[-1]
    fraction = start["value"] / (start["value"] - end["value"])
    zero = start[axis] + fraction * (end[axis] - start[axis])
    return [f"{turned}; the net heat is zero again near {axis} = {zero:.6g}"]


def _control(table: pd.DataFrame, hot: str, axis: str, at: float) -> list[str]:
    if "arm" not in table:
        return ["no control was run: imperfections that heat cannot be told from heat flow"]
    found = []
    for arm in [name for name in table["arm"].unique() if name != "main"]:
        heat = _series(table[table["arm"] == arm], "heat", hot, axis)
        here = heat[heat[axis] == at].iloc[0]
        low = heat.iloc[int(np.argmin(heat["value"]))]
        found.append(
            f"control {arm}: heat into {hot} is {pm(here['value'], here['stderr'])} gap at the same point, and "
            f"{pm(low['value'], low['stderr'])} at its lowest, {axis} = {low[axis]:.6g}"
        )
    return found


def _balance(main: pd.DataFrame, axis: str) -> tuple[str, ...]:
    """Q_A + Q_B: zero for a closed pair; relaxation and leakage show here."""
    both = main[(main["observable"] == "heat") & (main["subject"].str.len() > 1) & (main[axis] > 0)]
    if both.empty:
        return ()
    pulls = both["value"] / both["stderr"]
    mean = float(both["value"].mean())
    worst = both.iloc[int(np.argmax(pulls.abs()))]
    largest = f"{pm(worst['value'], worst['stderr'])} at {axis} = {worst[axis]:.6g}"
    return (f"energy balance: Q_A + Q_B is {mean:+.4f} gap on average, most significant {largest}",)


def pm(value: float, stderr: float) -> str:
    """Value and error to two digits of the error: "0.2689 +- 0.0043".

    Examples:
        >>> pm(0.26894, 0.00432)
        '0.2689 +- 0.0043'
    """
    if not (np.isfinite(stderr) and stderr > 0):
        return f"{value:.6g}"
    digits = max(0, 1 - math.floor(math.log10(stderr)))
    return f"{value:.{digits}f} +- {stderr:.{digits}f}"
