"""Fig. 4 of Holdsworth and Kawai: the transient of two qubits in two baths."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from analysis.figures import Pen
from protocols import Array
from reproduce.drawing import (
    ANOMALOUS,
    REFERENCE,
    SECOND,
    THIRD,
    UNCORRELATED,
    Comparison,
    Context,
    Curve,
    Figure,
    Offer,
    Panel,
)
from reproduce.holdsworth_kawai import figure_1
from reproduce.holdsworth_kawai.memoryless import CANNOT, Quantity, apart, drawn, measures, memoryless
from reproduce.holdsworth_kawai.transients import TIMES, checked, needed_by_all, sampled, status, transient, worst
from reproduce.pairs import closed, inferred
from theory.convergence import Convergence
from theory.trajectory import Trajectory

SHOWN = 60.0
"""Last time that is drawn; the CSVs go on to 200."""
PENS: Mapping[str, Pen] = {"S": ANOMALOUS, "P": SECOND, "B": THIRD}
TABLE: Mapping[str, Mapping[str, str]] = {
    "S": {
        "concurrence dies, first sample without it": "4.7",
        "concurrence revives, first sample with it": "9.7",
        "concurrence dies again, last sample with it": "17.5",
        "largest revived concurrence": ".115",
        "largest SED": ".509",
        "time of the largest SED": "6.3",
    },
    "P": {
        "concurrence dies, first sample without it": "4.5",
        "concurrence revives, first sample with it": "none",
        "largest SED": ".481",
        "time of the largest SED": "5.7",
    },
    "B": {
        "concurrence dies, first sample without it": "5.3",
        "concurrence revives, first sample with it": "9.1",
        "concurrence dies again, last sample with it": "18.9",
        "largest revived concurrence": ".209",
        "largest SED": ".550",
        "time of the largest SED": "6.5",
    },
}
CAPTION = (
    "As Fig. 1 at delta = -pi/2, with a bath at each qubit, T_A = 2 and T_B = 1, kappa = 0.01 for both, Omega = 0.1, "
    "by hierarchical equations of motion. In front {front}, and beside it the weak-coupling model, which circuits with "
    "fresh ancillas follow; behind it the other sets, the uncorrelated and the isolated pair. The concurrence dies "
    "suddenly, mutual information goes on."
)
PRINTED = (
    "The period pi/Omega = 31.4 of caption and text is no time at which the SED peaks; with baths it peaks at {:.2f} "
    "(set {}), without them at 7.01."
)
FOLLOWED: Mapping[str, Quantity] = {
    "the energy of A": lambda t: t.energies[:, 0],
    "the energy of B": lambda t: t.energies[:, 1],
    "mutual information": lambda t: t.mutual_information,
    "concurrence": lambda t: t.concurrence,
}
"""What a memoryless circuit is asked for."""
QUANTITIES = {
    "energy-difference": lambda t: t.energy_difference,
    "concurrence": lambda t: t.concurrence,
    "mutual-information": lambda t: t.mutual_information,
}


def make(context: Context) -> Figure:
    """The figure and its numbers."""
    found = {name: checked(one, context) for name, one in context.sets.items()}
    said = {name: status(one) for name, one in found.items()}
    runs = {name: transient(one, context) for name, one in context.sets.items()}
    normal = transient(context.front, context, correlated=False)
    panels = tuple(
        Panel(name=name, title="", label=label, column=column, curves=_curves(name, runs, normal, said, context))
        for name, (_, label, column) in figure_1.OBSERVABLES.items()
    )
    return Figure(
        name="4",
        title="Transient with baths",
        caption=CAPTION.format(front=context.front.text),
        abscissa="time [hbar/gap]",
        column="time [hbar/gap]",
        shown=(0.0, 60.0),
        panels=(panels,),
        comparisons=tuple(c for name in runs for c in _compared(name, found[name], runs[name])),
        printed=(PRINTED.format(found[context.front.name].values["time of the largest SED"], context.front.name),),
        inferred=(*inferred(context.sets), "The range of times of the figure is inferred."),
        notes=(
            *(_between(name, one) for name, one in found.items()),
            *(worst(name, one) for name, one in found.items()),
            CANNOT,
            *(apart(one, FOLLOWED, memoryless(one), runs[name]) for name, one in context.sets.items()),
        ),
        measures=MEASURES,
    )


def _curves(
    panel: str, runs: Mapping[str, Trajectory], normal: Trajectory, said: Mapping[str, str], context: Context
) -> tuple[Curve, ...]:
    front = context.front
    isolated = closed.states(closed.holdsworth(), TIMES)
    isolated_pen = Pen(colour="#6E6E6E", marker="", dash=":")
    named = [
        Curve(
            name=f"{panel}-set-{name}",
            label=f"set {name}",
            x=TIMES,
            y=QUANTITIES[panel](one),
            pen=PENS.get(name, ANOMALOUS),
            status=said[name],
            inferred=context.sets[name].text,
            faint=name != front.name,
        )
        for name, one in runs.items()
    ]
    named.append(
        Curve(
            name=f"{panel}-uncorrelated-set-{front.name}",
            label=f"uncorrelated, set {front.name}",
            x=TIMES,
            y=QUANTITIES[panel](normal),
            pen=UNCORRELATED,
            status=said[front.name],
            inferred=front.text,
        )
    )
    like = PENS.get(front.name, ANOMALOUS)
    named.insert(
        len(runs), drawn(panel, f"weak coupling, set {front.name}", front, QUANTITIES[panel](memoryless(front)), like)
    )
    values: Array = figure_1.VALUES[panel](isolated)
    named.append(Curve(name=f"{panel}-isolated", label="isolated", x=TIMES, y=values, pen=isolated_pen, faint=True))
    return tuple(named)


def _compared(name: str, found: Convergence, run: Trajectory) -> list[Comparison]:
    values = {**found.values, **sampled(run)}
    return [
        Comparison(
            quantity=f"set {name}: {quantity}",
            ours=values[quantity],
            reference=printed,
            source=REFERENCE,
            status=status(found, quantity),
        )
        for quantity, printed in TABLE.get(name, {}).items()
    ]


def _between(name: str, found: Convergence) -> str:
    """Sudden death and revival in continuous time; the reference numbers are samples every 0.1."""
    v = found.values
    dead, again, end = (v[f"concurrence {what}"] for what in ("dies", "revives", "dies again"))
    revival = "does not revive" if math.isnan(again) else f"lives again from {again:.3f} to {end:.3f}"
    return f"set {name}: between the samples the concurrence dies at {dead:.3f} and {revival}"


def _only_anomalous() -> tuple:
    kept = [m for panel in figure_1.OBSERVABLES for m in figure_1.measures(panel, 2.0, 1.0, panel)]
    own = [m for m in kept if m.label == "delta = -pi/2"]
    bare = closed.holdsworth(delta=None)
    control = [replace(m, experiment=bare, pen=UNCORRELATED, label="uncorrelated") for m in own]
    return tuple(replace(m, label=f"{m.label}, no baths") for m in (*own, *control))


ROWS = [(panel, row[0], "AB", "open-exchange", ANOMALOUS, UNCORRELATED) for panel, row in figure_1.OBSERVABLES.items()]
MEASURES = (*_only_anomalous(), *measures(ROWS))
OFFER = Offer(make=make, measures=MEASURES, needs=needed_by_all)
