"""Fig. 6 of Holdsworth and Kawai: heat over cycles of the pump."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from analysis.figures._style import Pen
from protocols import Array
from theory import pump
from theory._convergence import Convergence, converge
from theory._model import OpenPair
from theory.pump import Cycles, Pump
from theory.reproduce import _closed
from theory.reproduce._comparison import PAPER, REFERENCE, Comparison
from theory.reproduce._figure import Context, Curve, Figure, Measure, Offer, Panel
from theory.reproduce._pens import COLD, HOT, SECOND, THIRD
from theory.reproduce._sets import INFERRED, KAPPA, PERIOD, RATIO_OF_COUPLINGS, SETS, STROKE, BathSet
from theory.reproduce._transient import status, worst

CYCLES = 5
EFFICIENCIES = ("efficiency, first cycle (system)", "efficiency, first cycle (bath)", "efficiency, periodic cycle")
TABLE: Mapping[str, tuple[str, ...]] = {
    "S": (".18911", ".15329", ".18509", "-.21701", ".22042"),
    "P": (".18629", ".15009", ".18475", "-.21823", ".22002"),
    "B": (".20345", ".18551", ".20143", "-.23815", ".23988"),
}
"""Efficiencies, Q_A and Q_B of the periodic cycle."""
SWITCHED = {"S": "-4e-5", "P": "-1.2e-3", "B": "4e-5"}
"""<V> at the end of the stroke in the periodic cycle."""
FUEL = _closed.initial(_closed.holdsworth(delta=-math.pi / 2))


def make(context: Context) -> Figure:
    """The figure and its numbers."""
    found = {name: _checked(one, context) for name, one in SETS.items()}
    runs = {name: _run(_pump(one), CYCLES, context) for name, one in SETS.items()}
    swapped = _run(Pump(pair=_pump(SETS["S"]).pair, stroke=STROKE, period=PERIOD, baths="swapped"), 2, context)
    curves = tuple(c for name, cycles in runs.items() for c in _curves(name, cycles, status(found[name])))
    panel = Panel(
        name="heat", title="", label="cumulative heat from the bath [gap]", column="heat [gap]", curves=curves
    )
    return Figure(
        name="6",
        title="Cumulative heat of the pump",
        caption="Heat that left each bath over five cycles: exchange on for 6.1, off until 400, the correlated state "
        "prepared "
        "again. kappa_A = 0.01, kappa_B = 0.023, T_A = 2, T_B = 1. Set S (cut-off 0.2, inferred): lines by the "
        "system's "
        "current, fine dots by the bath's energy, which differ by the coupling energy stored in the first cycle. "
        "Faint: "
        "sets P and B.",
        abscissa="time [hbar/gap]",
        column="time [hbar/gap]",
        panels=((panel,),),
        comparisons=tuple(c for name in SETS for c in _compared(name, found[name], runs[name])),
        inferred=(
            *INFERRED,
            f"Stroke {STROKE:g} (where <V> = 0 for kappa_B/kappa_A = {RATIO_OF_COUPLINGS:g}) is the paper's; the "
            "period "
            f"{PERIOD:g}, long enough to relax, is inferred by reproducing the reference numbers.",
            "Preparing again is read as: the qubits' state is put in place of the old one, what the baths hold of them "
            "(the auxiliary operators) stays. If the qubits themselves were swapped, set S would have the efficiency "
            f"{swapped.efficiency('system')[1]:.5f} (system) or {swapped.efficiency('bath')[1]:.5f} (bath) in every "
            "further cycle.",
        ),
        notes=tuple(worst(name, one) for name, one in found.items()),
        measures=MEASURES,
    )


def _pump(chosen: BathSet) -> Pump:
    return Pump(pair=chosen.pair(KAPPA, RATIO_OF_COUPLINGS * KAPPA), stroke=STROKE, period=PERIOD)


def _run(chosen: Pump, cycles: int, context: Context) -> Cycles:
    return pump.run(chosen, FUEL, cycles, cache=context.cache, progress=context.progress)


def _checked(chosen: BathSet, context: Context) -> Convergence:
    """First and second cycle (which is the periodic one to 1e-4) in larger hierarchies."""

    def computed(pair: OpenPair) -> Mapping[str, float]:
        return _numbers(_run(Pump(pair=pair, stroke=STROKE, period=PERIOD), 2, context))

    return converge(computed, _pump(chosen).pair)


def _numbers(cycles: Cycles) -> dict[str, float]:
    """Of the first and the last cycle."""
    values = (
        cycles.efficiency("system")[0],
        cycles.efficiency("bath")[0],
        cycles.efficiency("system")[-1],
        *cycles.heat("system")[-1],
    )
    named = dict(zip((*EFFICIENCIES, "Q_A, periodic cycle", "Q_B, periodic cycle"), map(float, values), strict=True))
    return {**named, "<V> at the end of the stroke": float(cycles.switching[-1, 1])}


def _compared(name: str, found: Convergence, cycles: Cycles) -> list[Comparison]:
    values, said = _numbers(cycles), status(found)
    printed = (*TABLE[name], SWITCHED[name])
    rows = [
        Comparison(quantity=f"set {name}: {q}", ours=v, reference=r, source=REFERENCE, status=said)
        for (q, v), r in zip(values.items(), printed, strict=True)
    ]
    for quantity in EFFICIENCIES:
        ours = values[quantity]
        rows.append(
            Comparison(quantity=f"set {name}: {quantity}", ours=ours, reference="0.186", source=PAPER, status=said)
        )
    apart = float(np.abs(cycles.heat("system")[-1] - cycles.heat("system")[-2]).max())
    quantity, source = f"set {name}: change of heat in the last cycle", "the requirement of periodicity"
    rows.append(Comparison(quantity=quantity, ours=apart, reference="-1e-9..1e-6", source=source, status=said))
    return rows


def _curves(name: str, cycles: Cycles, said: str) -> list[Curve]:
    found = []
    for definition in ("system", "bath") if name == "S" else ("system",):
        times, heat = _cumulative(cycles, definition)
        for k, side in enumerate("AB"):
            front = name == "S" and definition == "system"
            label = f"Q_{side}, set S" if front else "by the bath's energy" if name == "S" else f"set {name}"
            own = Pen(colour="black", marker="") if name == "S" else {"P": SECOND, "B": THIRD}[name]
            found.append(
                Curve(
                    name=f"heat-Q-{side}-{definition}-set-{name}",
                    label=label,
                    x=times,
                    y=heat[:, k],
                    pen=(HOT, COLD)[k] if front else own,
                    status=said,
                    inferred=SETS[name].text,
                    faint=not front,
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


MEASURES = tuple(
    Measure(
        panel="heat",
        observable="heat",
        subject=side,
        experiment=_closed.holdsworth(delta=-math.pi / 2),
        pen=HOT if side == "A" else COLD,
        label=f"{side}, isolated stroke",
        factor=-1.0,
        only=STROKE,
        at=PERIOD,
    )
    for side in "AB"
)
"""What each bath would give or take in the first cycle, had the qubits been isolated in the stroke."""
OFFER = Offer(make=make, measures=MEASURES)
