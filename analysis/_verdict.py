"""Which way the heat went: from the fit of the whole sweep where there is one, else from its best point.

Hot is the qubit that is hotter at time 0 by 3 sigma. Reversed means net heat *into the hot qubit* above 0. The fit
gives one number for the run: how far the oscillation is from every one that never heats the hot qubit within the
sweep. A best-of-many point carries its trial factor instead.
"""

from __future__ import annotations

import dataclasses
import math
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis._fit import DriveCheck, SweepFit
from analysis._flow import Flow, flow_of_fit, flow_of_points
from analysis._table import rows_of

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
    """Net heat into the hot qubit at its best time; at its worst where nothing was reversed [gap]."""
    stderr: float | None = None
    at: float | None = None
    """Where on the axis."""
    sigma: float | None = None
    """One significance for the run."""
    basis: str = ""
    """"fit" (of the whole sweep), "point" (the only one), "best point" (with its trial factor)."""
    trials: int = 0
    """Points that were looked at, where no fit was possible."""
    turned: float | None = None
    """When the flow turned."""
    zero_again: float | None = None
    """When the net heat was zero again."""

    def as_dict(self) -> dict[str, object]:
        """For --json."""
        return dataclasses.asdict(self)


def verdicts(
    table: pd.DataFrame,
    fits: Sequence[SweepFit],
    drives: Sequence[DriveCheck],
    axis: str,
    others: Sequence[str],
    qubits: Sequence[str],
) -> list[Verdict]:
    """One verdict for every combination of the swept parameters other than the axis.

    Args:
        table: As written to table.csv, with measured values, without the rows of fits.
        fits: Of every sweep and arm.
        drives: Checks of tomography against dynamics.
        axis: Name of the axis column.
        others: The other swept parameters.
        qubits: Names of the two qubits.
    """
    if not others:
        return [_verdict(_Sweep(table, fits, drives, axis, ""), qubits)]
    found = []
    for values, group in table.groupby(list(others), sort=True):
        keys = values if isinstance(values, tuple) else (values,)
        named: dict[str, typing.Any] = dict(zip(others, keys, strict=True))
        where = ", ".join(f"{name} = {value:.6g}" for name, value in named.items())
        mine = [f for f in fits if _is(f.where, named)]
        checks = [d for d in drives if _is(d.where, named)]
        found.append(_verdict(_Sweep(group, mine, checks, axis, where), qubits))
    return found


def headline(found: Sequence[Verdict]) -> str:
    """One sentence over several sweeps; none is singled out, so there is nothing to correct for."""
    if len(found) == 1:
        return found[0].headline
    kinds = {"reversed": True, "not reversed": False, "without a direction": None}
    counted = {text: sum(v.reversed is kind for v in found) for text, kind in kinds.items()}
    return f"{len(found)} sweeps: " + ", ".join(f"{n} {text}" for text, n in counted.items() if n)


@dataclass(frozen=True)
class _Sweep:
    """One sweep: its rows, its fits, its name."""

    table: pd.DataFrame
    fits: Sequence[SweepFit]
    drives: Sequence[DriveCheck]
    axis: str
    where: str

    def rows(self, observable: str, subject: str, arm: str = "main") -> pd.DataFrame:
        """Rows of one observable in one arm, along the axis."""
        chosen = rows_of(self.table, observable, subject, arm)
        chosen = chosen[chosen["value"].notna()]
        return chosen.sort_values(self.axis) if self.axis in chosen else chosen

    def flow(self, qubit: str, arm: str = "main") -> Flow | None:
        """Net heat into a qubit along the axis; from the fit if heat is counted from the fitted start."""
        heat = self.rows("heat", qubit, arm)
        if heat.empty or self.axis not in heat:
            return None
        found = [f for f in self.fits if (f.subject, f.arm, f.observable) == (qubit, arm, "energy")]
        # under a nominal reference heat does not start at 0, and the fit knows nothing of that
        measured = heat[heat[self.axis] == 0]
        if found and len(measured) and (measured["value"].abs() < 1e-12).all():
            return flow_of_fit(found[0].oscillation)
        later = heat[heat[self.axis] > 0]
        columns = [later[name].to_numpy() for name in (self.axis, "value", "stderr")]
        return flow_of_points(*columns) if len(later) else None


def _verdict(sweep: _Sweep, qubits: Sequence[str]) -> Verdict:
    prefix = f"{sweep.where}: " if sweep.where else ""
    hot, direction = _direction(sweep, qubits)
    flows = {q: sweep.flow(q) for q in qubits}
    inverted = _inverted(sweep, qubits)
    common = (*_quality(sweep, hot or qubits[0]), *_drive(sweep, inverted), *_balance(sweep, qubits))
    if hot is None:
        text = direction + _moved(flows, sweep.axis)
        return Verdict(where=sweep.where, hot=None, reversed=None, headline=prefix + text, details=common)
    flow = flows[hot]
    if flow is None:
        text = "nothing to compare: only time 0 was measured"
        return Verdict(where=sweep.where, hot=hot, reversed=None, headline=prefix + text, details=(direction,))
    reverse = flow.up_sigma > DIRECTION_SIGMA
    fell = flow.down_sigma > DIRECTION_SIGMA
    best, lowest = flow.best, flow.lowest
    where = f"at {sweep.axis} = "
    if reverse:
        net, seen = f"{pm(best[1], best[2])} gap", f"({_sigmas(flow.up_sigma)} {flow.basis})"
        lost = f"{pm(-lowest[1], lowest[2])} gap by {sweep.axis} = {lowest[0]:.6g}"
        if flow.forward_first:
            text = f"forward first, then reversed: hot {hot} lost {lost}; net heat +{net} {where}{best[0]:.6g} {seen}"
        else:
            text = f"reversed: hot {hot} gained {net} {where}{best[0]:.6g} {seen}"
    elif fell:
        size = pm(-lowest[1], lowest[2])
        text = (
            f"not reversed: hot {hot} lost {size} gap {where}{lowest[0]:.6g} ({_sigmas(flow.down_sigma)} {flow.basis})"
        )
    else:
        most = pm(best[1], best[2])
        text = f"no flow seen: heat into hot {hot} is at most {most} gap ({_sigmas(flow.up_sigma)} {flow.basis})"
    shown = best if reverse or not fell else lowest
    details = [direction, *_turning(flow, sweep.axis, reverse), *_control(sweep, hot, shown[0])]
    return Verdict(
        where=sweep.where,
        hot=hot,
        reversed=reverse,
        headline=prefix + text,
        details=(*details, *common),
        heat=shown[1],
        stderr=shown[2],
        at=shown[0],
        sigma=flow.down_sigma if fell and not reverse else flow.up_sigma,
        basis=flow.kind,
        trials=flow.trials,
        turned=flow.turned,
        zero_again=flow.zero_again,
    )


def _sigmas(z: float) -> str:
    """How far the run is from no such heat; beyond 100 no error is known that well."""
    return f"{max(z, 0):.1f} sigma" if z < 100 else "more than 100 sigma"


def _direction(sweep: _Sweep, qubits: Sequence[str]) -> tuple[str | None, str]:
    """The hotter qubit, by measurement at time 0 (equal gaps: the one with more energy), and how that is known."""
    first, second = qubits
    rows = sweep.rows("energy_difference", first + second)
    rows = rows[rows[sweep.axis] == 0] if sweep.axis in rows else rows.iloc[:0]
    if len(rows):
        gap, sigma = float(rows["value"].iloc[0]), float(rows["stderr"].iloc[0])
    else:
        # heat is counted from the nominal state then: energy minus heat is that state's energy
        ideal = {q: [sweep.rows(name, q)["ideal"] for name in ("energy", "heat")] for q in qubits}
        if any(len(column) == 0 for columns in ideal.values() for column in columns):
            return None, "no direction: nothing was measured at time 0, which heat would be counted from"
        energy = {q: float(e.iloc[0] - h.iloc[0]) for q, (e, h) in ideal.items()}
        gap, sigma = energy[first] - energy[second], 0.0
    hot, cold = (first, second) if gap > 0 else (second, first)
    if not math.isfinite(gap) or abs(gap) <= DIRECTION_SIGMA * sigma or abs(gap) < 1e-12:
        known = f"{pm(gap, sigma)} gap at time 0, below {DIRECTION_SIGMA:g} sigma" if sigma else "0, nominally"
        return None, f"no direction to reverse: E_{first} - E_{second} = {known}"
    if not sigma:
        return hot, f"{hot} is hotter by the nominal temperatures: E_{hot} - E_{cold} = {abs(gap):.6g} gap"
    size = f"{pm(abs(gap), sigma)} gap ({_sigmas(abs(gap) / sigma)})"
    return hot, f"{hot} is hotter at time 0: E_{hot} - E_{cold} = {size}"


def _moved(flows: Mapping[str, Flow | None], axis: str) -> str:
    """Equal temperatures: the heat that correlations moved all the same."""
    found = {q: flow for q, flow in flows.items() if flow is not None}
    if not found:
        return ""
    most = max(flow.best[1] for flow in found.values())
    # both gain alike, half a period apart: the first one is told
    alike = [(q, f) for q, f in found.items() if f.best[1] >= min(most, most / 2)]
    qubit, flow = min(alike, key=lambda item: item[1].best[0])
    at, heat, stderr = flow.best
    if heat <= DIRECTION_SIGMA * stderr:
        return "; no flow was seen either"
    return f"; all the same, {pm(heat, stderr)} gap went into {qubit} by {axis} = {at:.6g}"


def _turning(flow: Flow, axis: str, reverse: bool) -> list[str]:
    """When the flow turned, and when the net heat is zero again."""
    if flow.turned is None:
        return ["the flow did not turn within the sweep"] if flow.kind == "fit" else []
    turned = f"the flow turned near {axis} = {flow.turned:.6g}"
    if flow.zero_again is None:
        return [f"{turned}; the net heat does not return to zero within the sweep"]
    again = "turned positive" if flow.turned_low and reverse else "is zero again"
    return [f"{turned}; the net heat {again} near {axis} = {flow.zero_again:.6g}"]


def _control(sweep: _Sweep, hot: str, at: float) -> list[str]:
    arms = list(sweep.table["arm"].unique()) if "arm" in sweep.table else ["main"]
    if arms == ["main"]:
        return ["no control was run: imperfections that heat cannot be told from heat flow"]
    found = []
    for arm in [name for name in arms if name != "main"]:
        heat = sweep.rows("heat", hot, arm)
        if heat.empty:
            continue
        here = heat.iloc[int((heat[sweep.axis] - at).abs().to_numpy().argmin())]
        low = heat.iloc[int(heat["value"].to_numpy().argmin())]
        found.append(
            f"control {arm}: heat into {hot} is {pm(here['value'], here['stderr'])} gap at {sweep.axis} = "
            f"{here[sweep.axis]:.6g}, and {pm(low['value'], low['stderr'])} at its lowest, {sweep.axis} = "
            f"{low[sweep.axis]:.6g}"
        )
    return found


def _quality(sweep: _Sweep, qubit: str) -> list[str]:
    found = [f for f in sweep.fits if (f.subject, f.arm, f.observable) == (qubit, "main", "energy")]
    return [f"fit of E_{qubit} along the sweep: {found[0].text}"] if found else []


def _inverted(sweep: _Sweep, qubits: Sequence[str]) -> bool:
    """Whether both qubits start more excited than not: no thermal state does."""
    starts = [rows[rows[sweep.axis] == 0] for rows in (sweep.rows("energy", q) for q in qubits) if sweep.axis in rows]
    return len(starts) == len(qubits) and all(
        len(rows) > 0 and bool(rows["value"].iloc[0] - DIRECTION_SIGMA * rows["stderr"].iloc[0] > 0.5)
        for rows in starts
    )


def _drive(sweep: _Sweep, inverted: bool) -> list[str]:
    """Tomography against the motion of the energies, and bits that are upside down."""
    upside_down = "both qubits are more excited than not at time 0, which no temperature above 0 does"
    found = [d for d in sweep.drives if d.arm == "main"]
    if not found:
        return [f"warning: {upside_down}: import inverted data with --ground 1 or --ground X"] if inverted else []
    ratio, error = found[0].ratio
    said = f"tomography sees {pm(ratio, error)} times the coherence that the motion of the energies demands"
    said += " (dD/dt = 4 Omega Im r)"
    if ratio < -3 * error:
        cause = "inverted labels in every basis do that: import with --ground 1" if inverted else ""
        cause = cause or "qubits A and B, the phase, or outcomes of X or Y are mixed up"
        return [f"warning: {said}: the sign is wrong; {cause}"]
    if inverted:
        cause = "if the ground state was prepared as |1>, import with --ground X"
        return [f"warning: {upside_down}; {cause}", said]
    if abs(ratio - 1) > max(5 * error, 0.1):
        return [f"warning: {said}: the phase, the coupling or the readout are not as assumed"]
    return [said]


def _balance(sweep: _Sweep, qubits: Sequence[str]) -> tuple[str, ...]:
    """Q_A + Q_B: zero for a closed pair; relaxation and leakage show here."""
    both = sweep.rows("heat", "".join(qubits))
    both = both[both[sweep.axis] > 0] if sweep.axis in both else both.iloc[:0]
    if both.empty:
        return ()
    pulls = both["value"] / both["stderr"]
    worst = both.iloc[int(pulls.abs().to_numpy().argmax())]
    digits = max(0, 1 - math.floor(math.log10(float(both["stderr"].min()))))
    mean = round(float(both["value"].mean()), digits) + 0.0  # no negative zero
    largest = f"{pm(worst['value'], worst['stderr'])} at {sweep.axis} = {worst[sweep.axis]:.6g}"
    return (f"energy balance: Q_A + Q_B is {mean:.{digits}f} gap on average, most significant {largest}",)


def _is(where: Mapping[str, float], named: Mapping[str, float]) -> bool:
    return all(where[name] == value for name, value in named.items())


def pm(value: float, stderr: float) -> str:
    """Value and error to two digits of the error: "0.2689 +- 0.0043".

    Examples:
        >>> pm(0.26894, 0.00432)
        '0.2689 +- 0.0043'
    """
    if not (math.isfinite(stderr) and stderr > 0):
        return f"{value:.6g}"
    digits = max(0, 1 - math.floor(math.log10(stderr)))
    return f"{value:.{digits}f} +- {stderr:.{digits}f}"
