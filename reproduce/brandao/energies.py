"""Every free energy of the qubit before and after a ladder of four rungs."""

from __future__ import annotations

import numpy as np

from protocols import Array
from protocols.laws import ORDERS, gibbs_populations, renyi_divergence
from reproduce.brandao.ladder import CASES, MODEL, after, ladder_of
from reproduce.drawing import (
    ANOMALOUS,
    REFERENCE,
    UNCORRELATED,
    Comparison,
    Context,
    Curve,
    Figure,
    Measure,
    Offer,
    Panel,
)

PRINTED = {"1/2": "0.639047 0.080407", "1": "1.051846 0.127630", "2": "1.294739 0.170399", "inf": "1.396569 0.207590"}
"""D_alpha before and after a ladder of four rungs, at T = 0.8 from 0.9."""
ALPHA = np.linspace(0, 6, 121)


def free_energies(context: Context) -> Figure:
    """D_alpha against alpha, before and after."""
    T, p = CASES["hot"]
    g = gibbs_populations(np.arange(2.0), T)
    lines = {"before": (p, UNCORRELATED), "after": (float(after(T, p, 4)), ANOMALOUS)}
    curves = tuple(
        Curve(
            name=f"divergence-{when}",
            label=f"{when} ({population:.4g} excited)",
            x=ALPHA,
            y=np.array([renyi_divergence(np.array([1 - population, population]), g, float(one)) for one in ALPHA]),
            pen=pen,
        )
        for when, (population, pen) in lines.items()
    )
    panel = Panel(
        name="divergence",
        title=f"T = {T:g}, four rungs",
        label="Dα(p || g) [nat]",
        column="renyi_divergence [nat]",
        curves=curves,
    )
    return Figure(
        name="free-energies",
        title="Every free energy falls",
        caption=(
            "Renyi divergences of the qubit from its thermal state, T times which is a free energy, before and after "
            "the ladder of four rungs. All orders fall, although the qubit ends colder than the ladder: it began far "
            "from equilibrium, and pays with that. Runs are laid over at orders 0, 1/2, 1 and 2."
        ),
        abscissa="order α",
        column="alpha",
        panels=((panel,),),
        comparisons=tuple(_divergences(g, {when: one for when, (one, _) in lines.items()})),
        measures=FREE_ENERGIES.measures,
        inferred=(MODEL,),
    )


def _divergences(g: Array, populations: dict[str, float]) -> list[Comparison]:
    found = []
    for order, printed in PRINTED.items():
        for (when, p), reference in zip(populations.items(), printed.split(), strict=True):
            ours = float(renyi_divergence(np.array([1 - p, p]), g, ORDERS[order]))
            found.append(
                Comparison(quantity=f"D_{order} {when} [nat]", ours=ours, reference=reference, source=REFERENCE)
            )
    return found


FREE_ENERGIES = Offer(
    make=free_energies,
    measures=tuple(
        Measure(
            panel="divergence",
            observable="free_energy",
            subject="system",
            experiment=ladder_of("hot"),
            pen=pen,
            label=label,
            factor=1 / CASES["hot"][0],
            axis="collisions",
            scheme=f"alpha {order}",
            only=float(met),
            at=ORDERS[order],
        )
        for order in ("0", "1/2", "1", "2")
        for met, label, pen in ((0, "collision number", UNCORRELATED), (1, "collision number", ANOMALOUS))
    ),
)
