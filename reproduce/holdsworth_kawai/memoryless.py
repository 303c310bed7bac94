"""The pair of Figs. 4 and 5 in baths without a memory: what circuits of open-exchange follow, and where they cannot.

Ancillas that are thrown away after one collision cannot give back what they took, so such a circuit follows the
weak-coupling (Lindblad) equation, whatever the number of its steps, and not the hierarchy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from analysis.figures import Pen
from protocols import Array
from protocols.open_exchange import OpenExchange
from reproduce.drawing import Curve, Measure
from reproduce.holdsworth_kawai.transients import TIMES
from reproduce.pairs import SETS, BathSet, closed
from theory import weak_coupling
from theory.trajectory import Trajectory

Quantity = Callable[[Trajectory], Array]
RESOLVED = 0.01
"""What is told apart: about the standard error of a probability in 2500 shots."""
FREE = ("steps", "route", "bath_coupling", "cutoff")
"""Of a run: how it carries the equation out, and whether its rates were given by the golden rule or as numbers."""


def memoryless(chosen: BathSet, *, correlated: bool = True) -> Trajectory:
    """The pair by the weak-coupling model, 0 to 200.

    Args:
        chosen: Its baths.
        correlated: Whether it starts correlated, with delta = -pi/2.
    """
    rho = closed.initial(closed.holdsworth(delta=-math.pi / 2 if correlated else None))
    return weak_coupling.evolve(chosen.pair(), rho, TIMES)


def drawn(panel: str, label: str, chosen: BathSet, y: Array, like: Pen) -> Curve:
    """A curve of the weak-coupling model, in the colour of the one that has the memory.

    Args:
        panel: The start of its name.
        label: In the legend.
        chosen: Its baths.
        y: Shape (times,).
        like: Pen of the curve with the memory.
    """
    return Curve(
        name=f"{panel}-weak-coupling-set-{chosen.name}",
        label=label,
        x=TIMES,
        y=y,
        pen=Pen(colour=like.colour, marker="", dash="--" if like.dash == "-." else "-."),
        status="converged",
        inferred=chosen.text,
    )


def measures(rows: Sequence[tuple[str, str, str, str, Pen, Pen]]) -> tuple[Measure, ...]:
    """What of a run of open-exchange belongs on panels, for the rates of every set of baths.

    Args:
        rows: Panel, observable, subject, label, pen, and pen of the arm without correlation.
    """
    return tuple(
        Measure(
            panel=panel,
            observable=observable,
            subject=subject,
            experiment=_circuits(chosen),
            pen=pen,
            label=label if arm == "main" else f"{label}, uncorrelated",
            arm=arm,
            free=FREE,
            baths=name,
        )
        for name, chosen in SETS.items()
        for panel, observable, subject, label, *pens in rows
        for arm, pen in zip(("main", "none"), pens, strict=True)
    )


def _circuits(chosen: BathSet) -> OpenExchange:
    """The protocol with the rates of a set of baths."""
    pair = chosen.pair()
    rate_A, rate_B = (sum(weak_coupling.rates(bath)) for bath in pair.baths)
    return OpenExchange(time=[0.0], coupling=pair.coupling, rate_A=rate_A, rate_B=rate_B)


CANNOT = (
    "Circuits of open-exchange follow the weak-coupling curve, whatever the number of their steps: their ancillas are "
    "thrown away after one collision and give nothing back. Where that curve leaves the hierarchy they cannot follow; "
    f"below, apart means by more than {RESOLVED:g}, about a standard error in 2500 shots."
)


def apart(
    chosen: BathSet, what: Mapping[str, Quantity], without: Trajectory, hierarchical: Trajectory, unit: str = ""
) -> str:
    """Where the model without a memory leaves the hierarchy, and how far, in words.

    Args:
        chosen: The baths of both.
        what: Quantities by name.
        without: By weak coupling.
        hierarchical: With the memory.
        unit: Of the quantities.
    """
    said = []
    for name, of in what.items():
        mine, theirs = of(without), of(hierarchical)
        off = np.abs(mine - theirs)
        k, over = int(off.argmax()), np.flatnonzero(off > RESOLVED)
        when = f"apart at times from {TIMES[over[0]]:.1f} to {TIMES[over[-1]]:.1f}" if over.size else "never apart"
        most = f"at most {off[k]:.3f}{unit} off, at t = {TIMES[k]:.1f} ({mine[k]:.3f} in place of {theirs[k]:.3f})"
        said.append(f"{name} {when}, {most}")
    return f"set {chosen.name}, weak coupling beside the hierarchy: {'; '.join(said)}"
