"""What `hotward plan` prints: proposals in sentences, and tables."""

from __future__ import annotations

import math
import typing
from collections.abc import Iterator, Sequence
from typing import Any

from hotward.terminal import table as show_table

if typing.TYPE_CHECKING:
    from analysis.planning import OperatingPoint, Planned, Proposal, SideBySide
    from devices import Plan
    from devices.remote import Duration

SHOWN = 110
"""Rows of the sweep that are printed; all are in the table on disk."""


def print_plan(planned: Planned, unverified: str) -> None:
    """Prints what a plan proposes, what was asked for, and its tables.

    Args:
        planned: The plan.
        unverified: The source of a preset whose numbers were not checked; empty: they were.
    """
    from analysis.planning import naming_in_words, tuning_in_words

    print(_title_line(planned))
    if day := planned.device.describe().get("calibrated"):
        print(f"calibration of {day}")
    if planned.copies > 1:
        print("\n".join(copies_in_words(planned.asked.plan)))
    if unverified:
        print(f"note: inputs not verified against the paper's text: {unverified}")
    for proposal in planned.proposals:
        print("\n".join(_sentences(proposal, planned)))
    for naming, tuned in zip(planned.namings, planned.tunings, strict=True):
        print(naming_in_words(naming))
        for line in tuning_in_words(tuned):
            print(f"  - {line}")
    if not planned.effects and not planned.namings:
        print("no time between the points is searched: energies of this protocol do not oscillate between two qubits")
    for one in planned.operating_points:
        print(_operating_point(one))
    print(f"as asked: {planned.headline}")
    if len(planned.asked_power) == 1 and planned.effects[0].directed:
        print(f"as asked, {_asked_in_words(planned)}")
    if not planned.proposals:
        asked = planned.asked_duration
        print(f"QPU time as asked: about {asked.seconds:.0f} s ({asked.executions} executions, {asked.basis})")
        for remark in asked.remarks:
            print(f"warning: {remark}")
    if planned.fractional is not None:
        print(planned.fractional.text)
    for text in planned.warnings:
        print(f"warning: {text}")
    _print_freedoms(planned)
    _print_settings(planned)
    _print_sweep(planned)


def _title_line(planned: Planned) -> str:
    program = planned.program
    placed = planned.asked.plan.placements[0].physical
    where = f" (qubits {', '.join(f'{w} = {q}' for w, q in placed.items())})" if planned.device.noisy else ""
    where = where if planned.copies == 1 else f", {planned.copies} copies side by side"
    divided = f", divided for {planned.target}" if planned.target else ""
    return (
        f"{program.experiment.name} on {planned.device.name}{where}: {program.shots} shots of each setting and point"
        f"{divided}, settings {', '.join(program.bases)}"
    )


def copies_in_words(plan: Plan) -> Iterator[str]:
    """How many copies, how they were chosen and where they are.

    Args:
        plan: Of two or more.
    """
    chosen: typing.Any = plan.packing
    wires = ",".join(plan.placements[0].physical)
    best, worst = plan.placements[0].score, min(place.score for place in plan.placements)
    apart = f"at least {chosen['spacing']} idle {'qubit' if chosen['spacing'] == 1 else 'qubits'} between them"
    yield (
        f"  - {plan.copies} copies, {apart}, scores {best:.3f} to {worst:.3f}: a shot of all of them is worth "
        f"{chosen['gain']:.1f} of the best place"
    )
    most = "no choice is worth more" if chosen["exact"] else f"no choice is worth more than {chosen['bound']:.1f}"
    greedy = chosen["greedy"]
    yield (
        f"  - {most}; taking the best place left, again and again: {greedy['number']} copies, worth "
        f"{greedy['gain']:.1f}"
    )
    places = " ".join("-".join(map(str, place.physical.values())) for place in plan.placements)
    yield f"  - {wires} on the qubits {places}"


def _operating_point(one: OperatingPoint) -> str:
    from analysis.verdict import pm

    where = ", ".join(f"{name} = {value:.6g}" for name, value in one.where.items())
    shots = "1 shot" if one.shots == 1 else f"about {one.shots} shots"
    enough = f", 5 sigma in half of the runs with {shots}" if one.shots else ""
    return (
        f"of the points set, {one.chosen} at {where}: {one.quantity} {pm(one.value, one.stderr)} expected, "
        f"{one.sigma:.1f} sigma {'below' if one.below else 'above'} {one.limit:.6g}{enough}"
    )


def _asked_in_words(planned: Planned) -> str:
    from analysis.planning import power_in_words

    (power,), (effect,) = planned.asked_power, planned.effects
    cold = next(qubit for qubit in planned.program.experiment.qubits if qubit != effect.subject)
    return power_in_words(power, min(power.verdict), effect.subject, cold)


def _sentences(proposal: Proposal, planned: Planned) -> Iterator[str]:
    from analysis.planning import needed_in_words, power_in_words
    from analysis.verdict import pm, sigmas

    effect = proposal.effect
    axis = planned.program.experiment.axis
    named = ", ".join(f"{name} = {value:.6g}" for name, value in proposal.where.items())
    hot = f"hot {effect.subject}" if effect.directed else effect.subject
    yield (
        f"{named + ': ' if named else ''}best {axis} {proposal.time:.9g} of a period of {effect.period:.6g}: net heat "
        f"into {hot} {effect.available:.6g} gap"
    )
    for time, share in proposal.asked[:SHOWN] if len(proposal.asked) <= 3 else [proposal.best_asked or (0.0, 0.0)]:
        best = "" if len(proposal.asked) <= 3 else ", the best of those set,"
        yield f"  - {axis} {time:.6g}{best} reaches {100 * share:.1f} % of it"
    yield (
        f"  - expected there with {proposal.power.shots} shots: {pm(proposal.heat, proposal.stderr)} gap, "
        f"{sigmas(proposal.worth)} at a {axis} fixed in advance{_by_student(proposal)}"
    )
    if proposal.beside is not None:
        yield from _beside_in_words(proposal, proposal.beside)
    for arm, (heat, stderr) in proposal.controls.items():
        yield f"  - control {arm}: {pm(heat, stderr)} gap"
    if effect.forward_until is not None:
        yield f"  - forward until {axis} {effect.forward_until:.6g}, then reversed"
    for sigma in proposal.power.verdict if effect.directed else ():
        yield f"  - {power_in_words(proposal.power, sigma, effect.subject, proposal.cold)}"
    yield (
        "  - shots of each setting and point for the whole verdict, direction included, in at least 90 % of runs: "
        f"{needed_in_words(proposal.shots)}"
    )
    yield f"  - for the heat alone, in half of them: {needed_in_words(proposal.heat_shots)}"
    cost = proposal.duration
    more = "" if proposal.run_shots == proposal.power.shots else f" with {proposal.run_shots} shots"
    yield f"  - QPU time{more}: {_cost_in_words(cost)[:-1]}, {cost.basis})"
    for remark in cost.remarks:
        yield f"  - warning: {remark}"


def _cost_in_words(cost: Duration) -> str:
    jobs = "1 job" if cost.jobs == 1 else f"{cost.jobs} jobs"
    return f"about {cost.seconds:.0f} s ({cost.executions} executions in {jobs})"


def _by_student(proposal: Proposal) -> str:
    """What the significance of a mean over copies is made of; nothing of one copy."""
    if proposal.beside is None:
        return ""
    return f": {proposal.sigma:.1f} standard errors in Student's t of {proposal.beside.number - 1} degrees of freedom"


def _beside_in_words(proposal: Proposal, copies: SideBySide) -> Iterator[str]:
    """What the copies gain, and what none of their shots changes."""
    from analysis.verdict import pm

    asked = proposal.power.shots
    cost = _cost_in_words(copies.alone_duration)
    yield f"  - the best copy by itself with {asked} shots: {pm(*copies.alone)} gap, {cost}"
    if copies.shots is None:
        yield f"  - {copies.number} copies know it to as many standard errors with no number of shots: they differ"
    else:
        yield f"  - {copies.number} copies know it to as many standard errors with {copies.shots} shots each"
    yield (
        f"  - copies are expected to differ by {copies.tau:.2g} gap (standard deviation): no number of shots makes the "
        f"error of their mean less than {copies.least:.2g}"
    )


def _print_freedoms(planned: Planned) -> None:
    found = [(p.effect, p.freedoms) for p in planned.proposals] + list(planned.without)
    rows: list[tuple[str, ...]] = []
    for effect, freed in found:
        where = ", ".join(f"{name} = {effect.where[name]:.4g}" for name in planned.swept) or "-"
        for one in freed:
            then = one.effect
            rows.append(
                (
                    where,
                    one.what,
                    " ".join(f"{name}={value}" for name, value in one.change.items() if value != "auto"),
                    f"{then.available:.6f}",
                    f"{then.available / effect.available:.3f}" if effect.available else "-",
                    f"{then.time:.6f}" if then.available else "-",
                    "-" if then.forward_until is None else f"{then.forward_until:.6f}",
                )
            )
    if rows:
        head = ("at", "freeing", "set", "heat [gap]", "times", "at time", "forward until")
        show_table("what freeing something would give", head, rows)


def _print_settings(planned: Planned) -> None:
    if not planned.settings:
        return
    from analysis.planning import settings_table

    table = settings_table(planned)
    columns = [name for name in table.columns if name.startswith(("even_", "optimal_"))]
    rows = []
    for row in table.to_dict("records"):
        numbers = [_two_digits(float(row[name])) for name in columns]
        rows.append((str(row["target"]), str(row["bases"]), str(row["shots"]), *numbers))
    rows.sort(key=lambda row: [*_TARGETS].index(row[0]))
    head = ("target", "bases", "shots", *(name.replace("_", " at ") for name in columns))
    show_table(_SETTINGS_TITLE.format(of=" of the first copy" if planned.copies > 1 else ""), head, rows)


_SETTINGS_TITLE = (
    "errors{of} at equal total shots: even, and (optimal) divided so that the sum of the squared errors over the "
    "points is least, which may raise one of them"
)
_TARGETS = ("heat", "mutual_information", "concurrence")


def _two_digits(value: float) -> str:
    return f"{value:.2g}" if math.isfinite(value) and value > 1e-9 else "-"


def _print_sweep(planned: Planned) -> None:
    table = planned.sweep
    if table.empty:
        return
    marked = table[table["note"] != ""] if "note" in table else table.iloc[:0]
    shown = table if len(table) <= SHOWN else marked if len(marked) else table.iloc[:SHOWN]
    rows = [tuple(_cell_text(name, value) for name, value in row.items()) for row in shown.to_dict("records")]
    left = "" if len(shown) == len(table) else f" ({len(shown)} of {len(table)} rows)"
    head: Sequence[str] = [str(name).replace("_", " ") for name in table.columns]
    even = ", each time measured for itself beside time 0, with even shots" if "share" in table else ""
    show_table(f"sweep{left}{even}", head, rows)


def _cell_text(name: Any, value: Any) -> str:
    if name == "power":
        return f"{100 * value:.0f} %" if math.isfinite(value) else "-"
    if name == "share":
        return f"{100 * value:.1f} %"
    if isinstance(value, float):
        return "-" if not math.isfinite(value) else f"{value:.1f}" if name == "sigma" else f"{value:.6g}"
    return str(value)
