"""The qubit engine: work against its stroke, and how much stronger coherence makes it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reproduce.drawing import Comparison, Context, Figure
from reproduce.klatzow.cases import (
    ANGLE,
    CASES,
    COHERENT,
    DEPHASED,
    HALF,
    INFERRED,
    LIMIT,
    STROKES,
    compared,
    curve,
    measure,
    panel,
    predicted,
)
from reproduce.klatzow.numbers import RATIOS_PRINTED, WORKS_PRINTED


def work(context: Context) -> Figure:
    """Work of a cycle against the stroke, coherent, half coherent and dephased."""
    panels = []
    for name, case in CASES.items():
        found = predicted(replace(case.engine, drive=STROKES))
        half = np.array([case.fluid(float(theta), 0.5).work for theta in STROKES])
        panels.append(
            panel(
                name, case.title, "work of a cycle [gap]",
                curve(f"{name}-coherent", "coherent", STROKES, found["work fluid"], COHERENT),
                curve(f"{name}-half", "half of the coherence kept", STROKES, half, HALF),
                curve(f"{name}-dephased", "dephased: the bound", STROKES, found["work_dephased fluid"], DEPHASED),
            )
        )  # fmt: skip
    return Figure(
        name="work",
        title="Work of a cycle against its stroke",
        caption=(
            "A qubit takes energy from an inverted ancilla and gives it to a rotation by theta, the stroke. With "
            "coherence left from the cycle before, a small stroke does several times the work of the same engine that "
            "is dephased before each stroke; for half a turn, which leaves no coherence, both are equal. The dephased "
            "engine is the bound that a run of coherent-engine has to exceed."
        ),
        abscissa=ANGLE,
        column="stroke theta [rad]",
        panels=(tuple(panels),),
        comparisons=tuple(_works()),
        inferred=INFERRED,
        notes=("Errors of a device that dephase the fluid lie between the two outer curves; decay is not among them.",),
        measures=WORKS,
    )


def ratio(context: Context) -> Figure:
    """Work over that of the dephased engine, and its limit for small strokes."""
    panels = []
    for name, case in CASES.items():
        found = predicted(replace(case.engine, drive=STROKES))
        limit = found["work_ratio_limit fluid"]
        panels.append(
            panel(
                name, case.title, "coherent over dephased work",
                curve(f"{name}-ratio", "ratio", STROKES, found["work fluid"] / found["work_dephased fluid"], COHERENT),
                curve(f"{name}-limit", "(1 + e$_2$)/(1 $-$ e$_2$), e$_2$ = cos $\\varphi$", STROKES, limit, LIMIT),
                curve(f"{name}-one", "1", STROKES, np.ones(len(STROKES)), DEPHASED),
            )
        )  # fmt: skip
    return Figure(
        name="ratio",
        title="How much stronger coherence makes the engine",
        caption=(
            "Work with coherence over work without it. The smaller the stroke, the more of the work is coherence's; "
            "for theta to 0 the ratio goes to (1 + e2)/(1 - e2), where e2 is what a collision leaves of the "
            "coherence. Power has the same ratio: both engines take the same time."
        ),
        abscissa=ANGLE,
        column="stroke theta [rad]",
        panels=(tuple(panels),),
        comparisons=tuple(_ratios()),
        inferred=INFERRED,
        notes=(
            "A measured ratio whose divisor is not told from 0 has an interval of two pieces or without an end, which "
            "is not drawn.",
        ),
        measures=RATIOS,
    )


def _works() -> list[Comparison]:
    found = []
    for name, rows in WORKS_PRINTED.items():
        case, thetas = CASES[name], np.array([theta for theta, _, _ in rows])
        ours = predicted(replace(case.engine, drive=thetas))
        for k, (theta, coherent, dephased) in enumerate(rows):
            for label, row, said in (
                ("coherent", "work fluid", coherent),
                ("dephased", "work_dephased fluid", dephased),
            ):
                found.append(compared(f"{case.parameters}, theta = {theta:.4g}: {label}", ours[row][k], said))
    return found


def _ratios() -> list[Comparison]:
    found = []
    for name, (rows, limit) in RATIOS_PRINTED.items():
        case, thetas = CASES[name], np.array([theta for theta, _ in rows])
        ours = predicted(replace(case.engine, drive=thetas))
        quotient = ours["work fluid"] / ours["work_dephased fluid"]
        found += [
            compared(f"{case.parameters}, theta = {theta:.4g}", quotient[k], said)
            for k, (theta, said) in enumerate(rows)
        ]
        found.append(compared(f"{case.parameters}, limit for theta to 0", ours["work_ratio_limit fluid"][0], limit))
    return found


WORKS = (
    measure("work", "drive", COHERENT, "coherent", free=("cycles",)),
    measure("work", "drive", DEPHASED, "dephased", arm="dephased", free=("cycles",)),
)
RATIOS = (measure("work_ratio", "drive", COHERENT, "ratio", free=("cycles",)),)
