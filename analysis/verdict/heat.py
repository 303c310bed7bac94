"""Which way the heat went: from the fit of the whole sweep where there is one, else from its best point.

Hot is the side that is hotter at the reference by 3 sigma. Reversed means net heat *into the hot side* above 0. The fit
gives one number for the run: how far the oscillation is from every one that never heats the hot side within the
sweep. A best-of-many point carries its trial factor instead. What has no sides has a goal: `_goal.py`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from analysis.estimate_arrays import Estimates
from analysis.sweeps.fits import DriveCheck, SweepFit
from analysis.sweeps.flow import Flow
from analysis.verdict.correlations import correlated
from analysis.verdict.cycles import heat_by_cycle
from analysis.verdict.goal import goal_verdict
from analysis.verdict.question import DIRECTION_SIGMA, SweepTable, VerdictInputs, pm, sigmas, sweep_tables
from analysis.verdict.question import Verdict as Verdict


def verdicts(
    estimates: Estimates, fits: Sequence[SweepFit], drives: Sequence[DriveCheck], question: VerdictInputs
) -> list[Verdict]:
    """One verdict for every combination of the swept parameters other than the axis.

    Args:
        estimates: What was found of every observable.
        fits: Of every sweep and arm.
        drives: Checks of tomography against dynamics.
        question: What is asked.
    """
    return [_answer(sweep, question) for sweep in sweep_tables(estimates, fits, drives, question)]


def headline(found: Sequence[Verdict]) -> str:
    """One sentence over several sweeps; none is singled out, so there is nothing to correct for."""
    if len(found) == 1:
        return found[0].headline
    goals = [bool(v.reached) for v in found if v.quantity]
    if goals:
        return f"{len(found)} sweeps: {sum(goals)} above the limit, {len(goals) - sum(goals)} not"
    kinds = {"reversed": True, "not reversed": False, "without a direction": None}
    counted = {text: sum(v.reversed is kind for v in found) for text, kind in kinds.items()}
    return f"{len(found)} sweeps: " + ", ".join(f"{n} {text}" for text, n in counted.items() if n)


def _answer(sweep: SweepTable, question: VerdictInputs) -> Verdict:
    if question.sides is not None:
        return _verdict(sweep, question.sides)
    if question.goal is not None:
        return goal_verdict(sweep, question.goal)
    text = "measured: " + ", ".join(name.replace("_", " ") for name in sweep.measured)
    return Verdict(where=sweep.where, hot=None, reversed=None, headline=text, details=())


def _verdict(sweep: SweepTable, qubits: Sequence[str]) -> Verdict:
    prefix = f"{sweep.where}: " if sweep.where else ""
    hot, direction = _direction(sweep, qubits)
    flows = {q: sweep.flow(q) for q in qubits}
    inverted = _inverted(sweep, qubits)
    common = (*_quality(sweep, hot or qubits[0]), *_drive(sweep, inverted), *_balance(sweep, qubits))
    common = (*heat_by_cycle(sweep), *common, *correlated(sweep, qubits))
    if hot is None:
        text = direction + _moved(flows, sweep.axis)
        return Verdict(where=sweep.where, hot=None, reversed=None, headline=prefix + text, details=common)
    flow = flows[hot]
    if flow is None:
        text = f"nothing to compare: only {sweep.start} was measured"
        return Verdict(where=sweep.where, hot=hot, reversed=None, headline=prefix + text, details=(direction,))
    reverse = flow.up_sigma > DIRECTION_SIGMA
    fell = flow.down_sigma > DIRECTION_SIGMA
    best, lowest = flow.best, flow.lowest
    where = f"at {sweep.axis} = "
    if reverse:
        net, seen = f"{pm(best[1], best[2])} gap", f"({sigmas(flow.up_sigma)} {flow.basis})"
        lost = f"{pm(-lowest[1], lowest[2])} gap by {sweep.axis} = {lowest[0]:.6g}"
        if flow.forward_first:
            text = f"forward first, then reversed: hot {hot} lost {lost}; net heat +{net} {where}{best[0]:.6g} {seen}"
        else:
            text = f"reversed: hot {hot} gained {net} {where}{best[0]:.6g} {seen}"
    elif fell:
        size = pm(-lowest[1], lowest[2])
        text = (
            f"not reversed: hot {hot} lost {size} gap {where}{lowest[0]:.6g} ({sigmas(flow.down_sigma)} {flow.basis})"
        )
    else:
        most = pm(best[1], best[2])
        text = f"no flow seen: heat into hot {hot} is at most {most} gap ({sigmas(flow.up_sigma)} {flow.basis})"
    shown = best if reverse or not fell else lowest
    # where single points show no flow, a change of sign is noise
    turning = _turning(flow, sweep.axis, reverse) if reverse or fell or flow.kind == "fit" else []
    details = [direction, *turning, *_control(sweep, hot, shown[0])]
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


def _direction(sweep: SweepTable, qubits: Sequence[str]) -> tuple[str | None, str]:
    """The hotter side, by measurement at the reference (equal gaps: the one with more energy), and how it is known."""
    first, second = qubits
    rows = sweep.at_start("energy_difference", first + second)
    if len(rows):
        gap, sigma = float(rows["value"].iloc[0]), float(rows["stderr"].iloc[0])
    elif sweep.apart is None or sweep.rows("heat", first).empty:
        return None, f"no direction: nothing was measured at {sweep.start}, which heat would be counted from"
    else:
        gap, sigma = sweep.apart, 0.0  # heat is counted from the nominal state then
    hot, cold = (first, second) if gap > 0 else (second, first)
    if not math.isfinite(gap) or abs(gap) <= DIRECTION_SIGMA * sigma or abs(gap) < 1e-12:
        known = f"{pm(gap, sigma)} gap at {sweep.start}, below {DIRECTION_SIGMA:g} sigma" if sigma else "0, nominally"
        return None, f"no direction to reverse: {_difference(sweep, first, second)} = {known}"
    named = _difference(sweep, hot, cold)
    if not sigma:
        return hot, f"{hot} is hotter by the nominal temperatures: {named} = {abs(gap):.6g} gap"
    return hot, f"{hot} is hotter at {sweep.start}: {named} = {pm(abs(gap), sigma)} gap ({sigmas(abs(gap) / sigma)})"


def _difference(sweep: SweepTable, hot: str, cold: str) -> str:
    """A side of several qubits has its energy per qubit, which is no row of the table."""
    if any(sweep.rows("energy", side).empty for side in (hot, cold)):
        return f"E_{hot} - E_{cold} per qubit"
    return f"E_{hot} - E_{cold}"


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


def _control(sweep: SweepTable, hot: str, at: float) -> list[str]:
    if sweep.arms == ["main"]:
        return ["no control was run: imperfections that heat cannot be told from heat flow"]
    found = []
    for arm in [name for name in sweep.arms if name != "main"]:
        heat = sweep.rows("heat", hot, arm)
        if heat.empty:
            continue
        here = heat.iloc[int((heat[sweep.axis] - at).abs().to_numpy().argmin())]
        low = heat.iloc[int(heat["value"].to_numpy().argmin())]
        said = f"control {arm}: heat into {hot} is {pm(here['value'], here['stderr'])} gap at {sweep.axis} = "
        said += f"{here[sweep.axis]:.6g}"
        if here["point"] != low["point"]:
            said += f", and {pm(low['value'], low['stderr'])} at its lowest, {sweep.axis} = {low[sweep.axis]:.6g}"
        found.append(said)
    return found


def _quality(sweep: SweepTable, qubit: str) -> list[str]:
    found = [f for f in sweep.fits if (f.subject, f.arm, f.observable) == (qubit, "main", "energy")]
    return [f"fit of E_{qubit} along the sweep: {found[0].text}"] if found else []


def _inverted(sweep: SweepTable, qubits: Sequence[str]) -> bool:
    """Whether both qubits start more excited than not: no thermal state does."""
    starts = [sweep.at_start("energy", q) for q in qubits]
    return all(
        len(rows) > 0 and bool(rows["value"].iloc[0] - DIRECTION_SIGMA * rows["stderr"].iloc[0] > 0.5)
        for rows in starts
    )


def _drive(sweep: SweepTable, inverted: bool) -> list[str]:
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


def _balance(sweep: SweepTable, qubits: Sequence[str]) -> tuple[str, ...]:
    """Q_A + Q_B: zero where nothing else takes energy up; relaxation and leakage show here."""
    both = sweep.rows("heat", "".join(qubits))
    both = both[both[sweep.axis] > 0] if sweep.axis in both else both.iloc[:0]
    if both.empty:
        return ()
    pulls = both["value"] / both["stderr"]
    worst = both.iloc[int(pulls.abs().to_numpy().argmax())]
    digits = max(0, 1 - math.floor(math.log10(float(both["stderr"].min()))))
    mean = round(float(both["value"].mean()), digits) + 0.0  # no negative zero
    largest = f"{pm(worst['value'], worst['stderr'])} at {sweep.axis} = {worst[sweep.axis]:.6g}"
    a, b = qubits
    return (f"energy balance: Q_{a} + Q_{b} is {mean:.{digits}f} gap on average, most significant {largest}",)
