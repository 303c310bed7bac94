"""The qubit engine: how it starts, and what decoherence costs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analysis.figures import BLUE, GREEN, PURPLE, Pen
from reproduce.drawing import Comparison, Context, Curve, Figure
from reproduce.klatzow.cases import CASES, CHOSEN, COHERENT, DEPHASED, INFERRED, compared, curve, measure, panel
from reproduce.klatzow.numbers import START_UPS

CYCLES_SHOWN = 30


def start_up(context: Context) -> Figure:
    """Cycle after cycle from a mixed fluid, beside the steady state that runs begin with."""
    cycles, panels = np.arange(1, CYCLES_SHOWN + 1), []
    for name, case in CASES.items():
        curves = []
        for label, kept, pen in (("coherent", 1.0, COHERENT), ("dephased", 0.0, DEPHASED)):
            fluid = case.fluid(case.drive, kept)
            steady = np.full(CYCLES_SHOWN, fluid.work)
            curves += [
                Curve(name=f"{name}-{label}", label=f"{label}, from a mixed fluid", x=cycles,
                      y=fluid.works(CYCLES_SHOWN), pen=pen, dots=True, inferred=CHOSEN),
                curve(f"{name}-{label}-steady", f"{label}, steady", cycles, steady, replace(pen, marker="")),
            ]  # fmt: skip
        title = f"{case.title}".replace(" (default of the protocol)", "") + f", $\\theta$ = {case.drive}"
        panels.append(panel(name, title, "work of the cycle [gap]", *curves))
    return Figure(
        name="start-up",
        title="How the engine starts",
        caption=(
            "Work of each cycle of a fluid that starts mixed. The first cycle is the same with and without coherence, "
            "which has still to be built: the coherent engine needs some ten cycles, and then does a little too much "
            "for a while. Runs of coherent-engine start in the steady state instead, so that already their first "
            "cycle does the full work (lines)."
        ),
        abscissa="cycle",
        column="cycle",
        panels=(tuple(panels),),
        comparisons=tuple(_start_ups()),
        inferred=INFERRED,
        measures=CYCLES,
    )


def coherence(context: Context) -> Figure:
    """Work against the share of the coherence that lasts from the collision to the stroke."""
    kept, case = np.linspace(0, 1, 51), CASES["flown"]
    lines = (
        (0.1, COHERENT),
        (0.25, Pen(colour=BLUE, marker="s", dash="--")),
        (0.6, Pen(colour=GREEN, marker="D", dash="-.")),
        (1.5, Pen(colour=PURPLE, marker="v", dash=(0, (1, 1.2)))),
    )
    curves = [
        curve(
            f"stroke-{drive}",
            f"$\\theta$ = {drive}",
            kept,
            np.array([case.fluid(drive, float(k)).work for k in kept]),
            pen,
        )
        for drive, pen in lines
    ]
    return Figure(
        name="coherence",
        title="What decoherence costs",
        caption=(
            "Work of a cycle when a share kappa of the coherence lasts from the collision to the stroke: 1 is the "
            "coherent engine, 0 the dephased one. On a device with dephasing alone a measured work, read on the curve "
            "of its stroke, tells kappa."
        ),
        abscissa="share of the coherence kept, $\\kappa$",
        column="kappa",
        panels=((panel("coherence", case.title, "work of a cycle [gap]", *curves),),),
        inferred=INFERRED,
    )


def _start_ups() -> list[Comparison]:
    found = []
    for (name, label), printed in START_UPS.items():
        case = CASES[name]
        works = case.fluid(case.drive, 1.0 if label == "coherent" else 0.0).works(len(printed.split()))
        found += [
            compared(f"{case.parameters}, theta = {case.drive}, {label}: cycle {k + 1}", works[k], said)
            for k, said in enumerate(printed.split())
        ]
    return found


CYCLES = (
    measure("work", "cycles", Pen(colour=BLUE, marker="s"), "coherent, started steady"),
    measure("work", "cycles", Pen(colour=PURPLE, marker="v"), "dephased, started steady", arm="dephased"),
)
