"""What the columns and members of a file show of its circuits: how ancillas were supplied, and how they were prepared.

Analysis has to know both where it reads the bits of ancillas jointly: names of columns follow from the supply, and how
many members share a start from the preparation.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from protocols import Experiment, Outcome, Points

ONE_CIRCUIT = ("measured", "purified")
"""Preparations that mix ancillas within one circuit for each start, which counts do not tell apart."""


@dataclass(frozen=True, kw_only=True)
class Circuits:
    """What the circuits of a file read."""

    read: Mapping[str, Outcome] = field(default_factory=dict)
    """By column; of wires that calibration alone reads under their own names, too."""
    options: Mapping[str, str] = field(default_factory=dict)
    """What the columns decide of the options of the run; nothing where they decide nothing."""


def circuits_shown(experiment: Experiment | None, columns: Collection[str]) -> Circuits:
    """The circuits of a protocol that have the columns of a file.

    Args:
        experiment: The protocol with its fields.
        columns: Of the file.
    """
    if experiment is None:
        return Circuits()
    if "first-reading" in experiment.offers:
        kinds = [{"first-reading": kind} for kind in experiment.offers["first-reading"]]
        return Circuits(read={name: o for kind in kinds for name, o in _read(experiment, kind).items()})
    feedback = {"feedback": "measured"} if "feedback" in experiment.offers else {}
    if not experiment.registers(experiment.points(feedback, reference="nominal")):
        return Circuits()
    found: dict[str, dict[str, Outcome]] = {}
    for supply in ("fresh", "reset"):
        own = _read(experiment, {"preparation": "measured", "ancillas": supply, **feedback})
        wires = {o.qubit: Outcome(qubit=o.qubit) for o in own.values() if o.qubit not in experiment.qubits}
        found[supply] = {**wires, **own}
    # a column such as record.1 exists with both supplies, on another wire: the one with more columns of the file has it
    fits = {supply: sum(name in columns for name in read) for supply, read in found.items()}
    offered = experiment.offers.get("ancillas", ())
    supply, other = ("reset", "fresh") if fits["reset"] > fits["fresh"] else ("fresh", "reset")
    # said only where it is not what the analysis takes without a word, the first that is offered
    told = supply in offered and (supply == "reset" or offered[0] != supply)
    return Circuits(read={**found[other], **found[supply]}, options={"ancillas": supply} if told else {})


def _read(experiment: Experiment, way: Mapping[str, str]) -> dict[str, Outcome]:
    points = experiment.points(way, reference="nominal")
    settings = experiment.settings(points, ("Z" * len(experiment.qubits),))
    return {o.column: o for setting in settings for o in setting.outcomes if o.register}


def preparation_shown(experiment: Experiment | None, points: Points, last: int) -> tuple[dict[str, str], str]:
    """What the members of a file decide of the preparation, and a note; nothing where no quantity depends on it.

    Args:
        experiment: The protocol with its fields.
        points: The sweep.
        last: The largest number of a member.
    """
    offered: tuple[str, ...] = experiment.offers.get("preparation", ()) if experiment else ()
    one = next((kind for kind in ONE_CIRCUIT if kind in offered), "")
    if experiment is None or last < 0 or not one or all(o.resolved is None for o in experiment.observables(points)):
        return {}, ""
    first = {name: words[0] for name, words in experiment.offers.items()}
    way = replace(points, options={"ancillas": "fresh", **first, **points.options, "preparation": one})
    starts = 1 + max(setting.member for setting in experiment.settings(way, ("Z" * len(experiment.qubits),)))
    if last >= starts:  # a member more than there are starts: strings of bits of the ancillas are members, too
        return ({"preparation": "ensemble"} if next(iter(offered)) != "ensemble" else {}), ""
    kinds = " or ".join(kind for kind in ONE_CIRCUIT if kind in offered)
    return {"preparation": one}, (
        f"members 0..{last} of the file are no more than the {starts} starts of {experiment.name}: ancillas are taken "
        f"as mixed within each circuit (--preparation {kinds}), not as an ensemble"
    )
