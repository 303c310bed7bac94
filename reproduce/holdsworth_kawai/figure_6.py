"""Fig. 6 of Holdsworth and Kawai: heat over cycles of the pump."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from analysis.figures import Pen
from protocols import Array
from reproduce.drawing import (
    COLD,
    HOT,
    PAPER,
    REFERENCE,
    SECOND,
    THIRD,
    Comparison,
    Context,
    Curve,
    Figure,
    Measure,
    Offer,
    Panel,
)
from reproduce.holdsworth_kawai.transients import status, worst
from reproduce.pairs import KAPPA, PERIOD, RATIO_OF_COUPLINGS, STROKE, BathSet, closed, inferred
from theory import Computation, pump
from theory.convergence import Convergence, converge, larger
from theory.model import OpenPair
from theory.pump import Cycles, Pump, Pumping

CYCLES = 5
TWO = 2
"""Cycles of larger hierarchies: the second is the periodic one to 1e-4."""
EFFICIENCIES = ("efficiency, first cycle (system)", "efficiency, first cycle (bath)", "efficiency, periodic cycle")
TABLE: Mapping[str, tuple[str, ...]] = {
    "S": (".18911", ".15329", ".18509", "-.21701", ".22042"),
    "P": (".18629", ".15009", ".18475", "-.21823", ".22002"),
    "B": (".20345", ".18551", ".20143", "-.23815", ".23988"),
}
"""Efficiencies, Q_A and Q_B of the periodic cycle."""
SWITCHED = {"S": "-4e-5", "P": "-1.2e-3", "B": "4e-5"}
"""<V> at the end of the stroke in the periodic cycle."""
CAPTION = (
    "Heat that left each bath over five cycles: exchange on for 6.1, off until 400, the correlated state prepared "
    "again. kappa_A = 0.01, kappa_B = 0.023, T_A = 2, T_B = 1. In front {front}: lines by the system's current, black "
    "dots by the bath's energy; they differ by the coupling energy stored in the first cycle. Faint: the other sets."
)
SWAPPED = (
    "Preparing again is read as: the qubits' state is put in place of the old one, what the baths hold of them (the "
    "auxiliary operators) stays. If the qubits themselves were swapped, set {} would have the efficiency {:.5f} "
    "(system) or {:.5f} (bath) in every further cycle."
)
CYCLE = f"period {PERIOD:g}, auxiliary operators kept"
"""What else the curves rest on."""
DOTS = Pen(colour="black", marker="")
BEHIND = {"P": SECOND, "B": THIRD}
FUEL = closed.initial(closed.holdsworth(delta=-math.pi / 2))


def make(context: Context) -> Figure:
    """The figure and its numbers."""
    found = {name: _checked(one, context) for name, one in context.sets.items()}
    runs = {name: _run(_pump(one), CYCLES, context) for name, one in context.sets.items()}
    swapped = _run(_swapped(context.front), TWO, context)
    curves = tuple(
        c
        for name, cycles in runs.items()
        for c in _curves(context.sets[name], cycles, status(found[name]), front=name == context.front.name)
    )
    panel = Panel(
        name="heat", title="", label="cumulative heat from the bath [gap]", column="heat [gap]", curves=curves
    )
    return Figure(
        name="6",
        title="Cumulative heat of the pump",
        caption=CAPTION.format(front=context.front.text),
        abscissa="time [hbar/gap]",
        column="time [hbar/gap]",
        panels=((panel,),),
        comparisons=tuple(c for name in runs for c in _compared(name, found[name], runs[name])),
        inferred=(
            *inferred(context.sets),
            f"The stroke {STROKE:g}, near which <V> = 0 and the SED peaks for kappa_B/kappa_A = "
            f"{RATIO_OF_COUPLINGS:g}, is what the paper's text names; the period {PERIOD:g}, long enough to relax, is "
            "inferred by reproducing the reference numbers.",
            SWAPPED.format(context.front.name, *(swapped.efficiency(one)[1] for one in ("system", "bath"))),
        ),
        notes=tuple(worst(name, one) for name, one in found.items()),
        measures=MEASURES,
    )


def needs(context: Context) -> list[Computation]:
    """The hierarchies of all sets and of larger expansions, cycle after cycle.

    Args:
        context: Has the sets.
    """
    found: list[Computation] = [Pumping(pump=_swapped(context.front), fuel=FUEL, cycles=TWO)]
    for chosen in context.sets.values():
        own, *others = (replace(_pump(chosen), pair=pair) for pair in larger(_pump(chosen).pair))
        found.append(Pumping(pump=own, fuel=FUEL, cycles=CYCLES))
        found += [Pumping(pump=other, fuel=FUEL, cycles=TWO) for other in others]
    return found


def _swapped(chosen: BathSet) -> Pump:
    """The same with the qubits themselves exchanged."""
    return replace(_pump(chosen), baths="swapped")


def _pump(chosen: BathSet) -> Pump:
    return Pump(pair=chosen.pair(KAPPA, RATIO_OF_COUPLINGS * KAPPA), stroke=STROKE, period=PERIOD)


def _run(chosen: Pump, cycles: int, context: Context) -> Cycles:
    return pump.run(chosen, FUEL, cycles, cache=context.cache, progress=context.progress)


def _checked(chosen: BathSet, context: Context) -> Convergence:
    """First and second cycle (which is the periodic one to 1e-4) in larger hierarchies."""
    own = _pump(chosen).pair

    def computed(pair: OpenPair) -> Mapping[str, float]:
        made = _run(Pump(pair=pair, stroke=STROKE, period=PERIOD), CYCLES if pair == own else TWO, context)
        return _numbers(made, 1)

    return converge(computed, own)


def _numbers(cycles: Cycles, last: int = -1) -> dict[str, float]:
    """Of the first and of a later cycle."""
    values = (
        cycles.efficiency("system")[0],
        cycles.efficiency("bath")[0],
        cycles.efficiency("system")[last],
        *cycles.heat("system")[last],
    )
    named = dict(zip((*EFFICIENCIES, "Q_A, periodic cycle", "Q_B, periodic cycle"), map(float, values), strict=True))
    return {**named, "<V> at the end of the stroke": float(cycles.switching[last, 1])}


def _compared(name: str, found: Convergence, cycles: Cycles) -> list[Comparison]:
    values = _numbers(cycles)
    printed = (*TABLE[name], SWITCHED[name]) if name in TABLE else ()
    rows = [
        Comparison(quantity=f"set {name}: {q}", ours=v, reference=r, source=REFERENCE, status=status(found, q))
        for (q, v), r in zip(values.items(), printed, strict=False)
    ]
    for quantity in EFFICIENCIES:
        ours = values[quantity]
        rows.append(
            Comparison(
                quantity=f"set {name}: {quantity}",
                ours=ours,
                reference="0.186",
                source=PAPER,
                status=status(found, quantity),
            )
        )
    apart = float(np.abs(cycles.heat("system")[-1] - cycles.heat("system")[-2]).max())
    quantity, source = f"set {name}: change of heat in the last cycle", "the requirement of periodicity"
    rows.append(Comparison(quantity=quantity, ours=apart, reference="-1e-9..1e-6", source=source, status=status(found)))
    return rows


def _curves(chosen: BathSet, cycles: Cycles, said: str, *, front: bool) -> list[Curve]:
    """Both definitions of the set in front, the system's current of the others."""
    found = []
    for definition in ("system", "bath") if front else ("system",):
        times, heat = _cumulative(cycles, definition)
        for k, side in enumerate("AB"):
            main = front and definition == "system"
            other = "by the bath's energy" if front else f"set {chosen.name}"
            behind = DOTS if front else BEHIND.get(chosen.name, DOTS)
            found.append(
                Curve(
                    name=f"heat-Q-{side}-{definition}-set-{chosen.name}",
                    label=f"Q_{side}, set {chosen.name}" if main else other,
                    x=times,
                    y=heat[:, k],
                    pen=(HOT, COLD)[k] if main else behind,
                    status=said,
                    inferred=f"{chosen.text}; {CYCLE}",
                    faint=not main,
                )
            )
    return found


def _cumulative(cycles: Cycles, definition: str) -> tuple[Array, Array]:
    """Time since the first cycle, and the heat from both baths since then."""
    within = cycles.within("bath" if definition == "bath" else "system")
    before = np.concatenate([np.zeros((1, 2)), np.cumsum(within[:-1, -1], axis=0)])
    period = cycles.times[-1]
    times = np.concatenate([n * period + cycles.times[n > 0 :] for n in range(len(within))])
    heat = np.concatenate([before[n] + within[n, n > 0 :] for n in range(len(within))])
    return times, heat


ISOLATED = tuple(
    Measure(
        panel="heat",
        observable="heat",
        subject=side,
        experiment=closed.holdsworth(delta=-math.pi / 2),
        pen=HOT if side == "A" else COLD,
        label=f"{side}, isolated stroke",
        factor=-1.0,
        only=STROKE,
        at=PERIOD,
    )
    for side in "AB"
)
"""What each bath would give or take in the first cycle, had the qubits been isolated in the stroke."""
PUMPED = tuple(
    Measure(
        panel="heat",
        observable="cumulative_heat",
        subject=f"bath_{side}",
        experiment=closed.holdsworth(delta=-math.pi / 2),
        pen=HOT if side == "A" else COLD,
        label=f"bath {side}, relaxed by collisions",
        axis="cycles",
        scale=PERIOD,
    )
    for side in "AB"
)
"""Of heat-pump: the ends of its cycles, with a stroke of its own and baths of ancillas."""
MEASURES = (*ISOLATED, *PUMPED)
OFFER = Offer(make=make, measures=MEASURES, needs=needs)
