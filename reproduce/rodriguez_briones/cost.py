"""What cooling costs: heat that the bath takes in, and work paid for the compression."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from protocols import Array
from protocols.algorithmic_cooling import AlgorithmicCooling
from reproduce.drawing import COLD, HOT, Context, Curve, Figure, Measure, Offer, Panel
from reproduce.rodriguez_briones import model
from reproduce.rodriguez_briones.rounds import EPS, LAST, ROUND

WAYS: Mapping[str, tuple[str, AlgorithmicCooling]] = {
    "hbac": ("(a) compression", AlgorithmicCooling(method="hbac", polarisation=EPS)),
    "ppa-3": ("(b) three qubits sorted", AlgorithmicCooling(method="ppa", polarisation=EPS, size=3)),
    "ppa-4": ("(b) four qubits sorted", AlgorithmicCooling(method="ppa", polarisation=EPS, size=4)),
}


def paid(name: str) -> tuple[Array, Array]:
    """Heat into the bath and work paid since the start, after every round, (rounds,) each [gap].

    Args:
        name: Of `WAYS`.
    """
    if name == "hbac":
        # a target that is flipped from 1 to 0 excites two fresh qubits
        flipped = (model.hbac(EPS, LAST) - EPS) / 2
        return 2 * flipped, flipped
    found = model.sorted_and_reset(EPS, int(name[-1]), LAST)
    return found.heat, found.work


def cost(context: Context) -> Figure:
    """Both against rounds."""
    panels = tuple(
        Panel(
            name=f"cost-{name}",
            title=title,
            label="energy since the start [gap]",
            column="energy [gap]",
            curves=tuple(
                Curve(name=f"{kind}-{name}", label=label, x=ROUND, y=np.asarray(values), pen=pen, dots=True)
                for (kind, label, pen), values in zip(
                    (("heat", "heat into the bath", HOT), ("work", "work paid", COLD)), paid(name), strict=True
                )
            ),
        )
        for name, (title, _) in WAYS.items()
    )
    return Figure(
        name="cost",
        title="Heat and work of cooling",
        caption=(
            "Energy that the bath has taken in, and work that the compressions have cost, since the start. What the "
            "target loses goes to the bath as well, so that the heat comes to exceed the work; the bath has to be a "
            "real one, for an emulated one is renewed for nothing."
        ),
        abscissa="round",
        column="round",
        panels=(panels,),
        notes=("For joint relaxation work is also paid for saturating the second spin; it is not drawn.",),
        measures=COST.measures,
    )


COST = Offer(
    make=cost,
    measures=tuple(
        Measure(
            panel=f"cost-{name}",
            observable=observable,
            subject=subject,
            experiment=experiment,
            pen=pen,
            label=label,
            factor=factor,
            axis="rounds",
        )
        for name, (_, experiment) in WAYS.items()
        for observable, subject, label, factor, pen in (
            ("heat", "bath", "heat", 1.0, HOT),
            ("work", "register", "work paid", -1.0, COLD),
        )
    ),
)
