"""Fig. 5 of Holdsworth and Kawai: heat, entropy productions and interaction energy of the transient."""

from __future__ import annotations

import math
import typing
from collections.abc import Mapping

import numpy as np

from analysis.figures import Pen
from protocols import Array
from reproduce.drawing import (
    ANOMALOUS,
    COLD,
    COLD_CONTROL,
    HOT,
    HOT_CONTROL,
    REFERENCE,
    SECOND,
    UNCORRELATED,
    Comparison,
    Context,
    Curve,
    Figure,
    Measure,
    Offer,
    Panel,
)
from reproduce.holdsworth_kawai.memoryless import CANNOT, Quantity, apart, drawn, measures, memoryless
from reproduce.holdsworth_kawai.transients import (
    TIMES,
    checked,
    held,
    needed,
    needed_by_all,
    sampled,
    status,
    transient,
    worst,
)
from reproduce.pairs import KAPPA, RATIO_OF_COUPLINGS, BathSet, closed, inferred
from theory import Computation
from theory.convergence import Convergence, larger
from theory.trajectory import Trajectory

UNEVEN = RATIO_OF_COUPLINGS * KAPPA
"""Strength of bath B beside that of A in the second curve of <V> [gap]."""
RATIOS = {"S": "10.8", "P": "8.1", "B": "12.9"}
"""Sigma(correlated)/Sigma(uncorrelated) at t = 30."""
CAPTION = (
    "The transient of Fig. 4 in {front}. Heat is positive when it leaves a bath: at first the cold bath B gives and "
    "the hot bath A takes. Entropy productions use the bath's definition of heat; Sigma is never negative, Sigma_0, "
    "which does not count the correlations, is at first. Weak coupling is what circuits with fresh ancillas follow. "
    "<V> for equal couplings and for kappa_B/kappa_A = 2.3."
)
ONE_HEAT = "A memoryless bath has no energy of coupling, so that both definitions of heat are one for it."
FOLLOWED: Mapping[str, Quantity] = {
    "Q_A (bath)": lambda t: t.heat_bath[:, 0],
    "Q_A (system)": lambda t: t.heat_system[:, 0],
    "Q_B (bath)": lambda t: t.heat_bath[:, 1],
    "Q_B (system)": lambda t: t.heat_system[:, 1],
    "Sigma (bath)": lambda t: t.entropy_production(),
    "Sigma (system)": lambda t: t.entropy_production("system"),
    "Sigma_0 (bath)": lambda t: t.local_entropy_production(),
}
"""What a memoryless circuit is asked for."""
HEAT = "heat from the bath [gap]"
ENTROPY = "entropy production [nat]"


def make(context: Context) -> Figure:
    """The figure and its numbers: set S drawn, all sets compared."""
    front = context.front
    found = {name: checked(one, context) for name, one in context.sets.items()}
    own, normal = transient(front, context), transient(front, context, correlated=False)
    said = _Said(status(found[front.name]), f"{front.text}; the definition of heat")
    tolerance = found[front.name].tolerance
    switched = tuple(_switched(front, one, tolerance, context) for one in (KAPPA, UNEVEN))
    panels = (
        Panel(name="heat", title="", label=HEAT, column=HEAT, curves=_heats(own, normal, said, front)),
        Panel(name="entropy", title="", label=ENTROPY, column=ENTROPY, curves=_entropies(own, normal, said, front)),
        Panel(name="interaction", title="", label="<V> [gap]", column="<V> [gap]", curves=switched),
    )
    return Figure(
        name="5",
        title="Heat, entropy production and interaction energy with baths",
        caption=CAPTION.format(front=front.text),
        abscissa="time [hbar/gap]",
        column="time [hbar/gap]",
        shown=(0.0, 60.0),
        panels=(panels,),
        comparisons=tuple(c for name in found for c in _compared(name, found[name], context)),
        printed=_printed(own),
        inferred=(
            *inferred(context.sets),
            "Which definition of heat the figure uses is inferred: eq. (C2) is minus the energy that the bath gains. "
            "CSVs have both.",
        ),
        notes=(
            *(worst(name, one) for name, one in found.items()),
            CANNOT,
            ONE_HEAT,
            *(apart(one, FOLLOWED, memoryless(one), transient(one, context)) for one in context.sets.values()),
        ),
        measures=MEASURES,
    )


class _Said(typing.NamedTuple):
    """Of every curve here."""

    status: str
    inferred: str


def _heats(own: Trajectory, normal: Trajectory, said: _Said, front: BathSet) -> tuple[Curve, ...]:
    found, without = [], memoryless(front)
    for k, side in enumerate("AB"):
        pens = (HOT, HOT_CONTROL) if side == "A" else (COLD, COLD_CONTROL)
        for heat, pen, label, faint in (
            (own.heat_bath, pens[0], f"Q_{side}, bath", False),
            (own.heat_system, pens[0], f"Q_{side}, system", True),
            (normal.heat_bath, pens[1], f"Q_{side}, uncorrelated, bath", False),
        ):
            stem = label.replace(", ", "-").replace("_", "-")
            found.append(_curve(f"heat-{stem}", label, heat[:, k], pen, said, faint=faint))
        found.append(drawn(f"heat-Q-{side}", f"Q_{side}, weak coupling", front, without.heat_system[:, k], pens[0]))
    return tuple(found)


def _entropies(own: Trajectory, normal: Trajectory, said: _Said, front: BathSet) -> tuple[Curve, ...]:
    without = memoryless(front)
    return (
        _curve("Sigma", "Sigma", own.entropy_production(), ANOMALOUS, said),
        _curve("Sigma-0", "Sigma_0", own.local_entropy_production(), SECOND, said),
        _curve("Sigma-uncorrelated", "Sigma, uncorrelated", normal.entropy_production(), UNCORRELATED, said),
        _curve("Sigma-system", "Sigma, system", own.entropy_production("system"), ANOMALOUS, said, faint=True),
        _curve("Sigma-0-system", "Sigma_0, system", own.local_entropy_production("system"), SECOND, said, faint=True),
        drawn("Sigma", "Sigma, weak coupling", front, without.entropy_production(), ANOMALOUS),
        drawn("Sigma-0", "Sigma_0, weak coupling", front, without.local_entropy_production(), SECOND),
    )


def _switched(front: BathSet, kappa_B: float, tolerance: float, context: Context) -> Curve:
    """<V> of one ratio of couplings, beside the same in larger hierarchies."""
    pair = front.pair(kappa_B=kappa_B)
    own, *others = (transient(one, context).interaction_energy for one in larger(pair))
    name, label, pen = (
        ("equal", "kappa_B = kappa_A", ANOMALOUS) if kappa_B == KAPPA else ("uneven", "kappa_B = 2.3 kappa_A", SECOND)
    )
    return _curve(f"interaction-{name}", label, own, pen, _Said(held(own, others, tolerance), front.text))


def _curve(name: str, label: str, y: Array, pen: Pen, said: _Said, *, faint: bool = False) -> Curve:
    return Curve(name=name, label=label, x=TIMES, y=y, pen=pen, status=said.status, inferred=said.inferred, faint=faint)


def _compared(name: str, found: Convergence, context: Context) -> list[Comparison]:
    values: Mapping[str, float] = {**found.values, **sampled(transient(context.sets[name], context))}
    asked = (
        ("Sigma_0 becomes positive, first sample", "13.5..14.7"),
        ("Sigma at t = 30, correlated over uncorrelated", RATIOS.get(name, "1..1000")),
        ("least Sigma", "-1e-9..1"),
    )
    return [
        Comparison(quantity=f"set {name}: {q}", ours=values[q], reference=r, source=REFERENCE, status=status(found, q))
        for q, r in asked
    ]


def _printed(own: Trajectory) -> tuple[str, ...]:
    wrong = own.entropy_production() + 2 * own.heat_bath @ (1 / own.temperatures)
    here = int(np.argmin(np.abs(TIMES - 100)))
    return (
        "(14), (15) print + Q/T; with the paper's own heat (energy that leaves a bath) they are "
        "Sigma = Delta S - Q_A/T_A - Q_B/T_B, as (17) and (C4) have it. As printed Sigma would be "
        f"{wrong[here]:.3f} at t = 100 and not {own.entropy_production()[here]:.3f}.",
    )


ROWS = (
    ("heat", "heat", "bath_A", "Q_A", HOT, HOT_CONTROL),
    ("heat", "heat", "bath_B", "Q_B", COLD, COLD_CONTROL),
    ("entropy", "entropy_production", "AB", "Sigma", ANOMALOUS, UNCORRELATED),
    ("entropy", "apparent_entropy_production", "AB", "Sigma_0", SECOND, COLD_CONTROL),
)
MEASURES = (
    Measure(
        panel="interaction",
        observable="interaction_energy",
        subject="AB",
        experiment=closed.holdsworth(delta=-math.pi / 2),
        pen=ANOMALOUS,
        label="no baths",
    ),
    *measures(ROWS),
)
"""A run without baths has no heat from them: of it the energy that switching costs. One of open-exchange has."""


def needs(context: Context) -> list[Computation]:
    """The hierarchies of all sets, and of the pair whose couplings differ.

    Args:
        context: Has the sets.
    """
    return [*needed_by_all(context), *needed(context.front.pair(kappa_B=UNEVEN), both=False)]


OFFER = Offer(make=make, measures=MEASURES, needs=needs)
