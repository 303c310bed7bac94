"""Energy teleportation: what the target gives up against the angle of its turn, from matrices."""

from __future__ import annotations

import numpy as np

from protocols.algorithmic_cooling import AlgorithmicCooling
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
    Measure,
    Offer,
    Panel,
)
from reproduce.rodriguez_briones import model

TURNS = np.linspace(0, 0.35, 71)
INTERACTIONS = {0.5: SECOND, 1.0: ANOMALOUS, 2.0: THIRD}
"""k -> pen; 1 is the protocol's default."""


def teleportation(context: Context) -> Figure:
    """E_B against f, and E_A and the lowest E_B against k."""
    several = np.linspace(0.05, 4, 80)
    injected = np.array([model.teleported(k, np.zeros(1))[0] for k in several])
    lowest = np.array([float(model.teleported(k, np.array([model.best_turn(k)]))[1][0]) for k in several])
    angle = Panel(
        name="turn",
        title="",
        label="change of energy E_B [gap/2]",
        column="E_B [gap/2]",
        curves=(
            *(
                Curve(name=f"k-{k:g}".replace(".", "p"), label=f"k = {k:g}", x=TURNS, y=model.teleported(k, TURNS)[1],
                      pen=pen)
                for k, pen in INTERACTIONS.items()
            ),
            Curve(
                name="lowest",
                label="lowest, tan 2f = k/(1 + 2 k^2)",
                x=np.array([model.best_turn(k) for k in several]),
                y=lowest,
                pen=UNCORRELATED,
                faint=True,
            ),
        ),
    )  # fmt: skip
    E_A, E_B = model.teleported(1.0, np.array([model.best_turn(1.0)]))
    lines = (
        ("k = 1: energy of the measurement E_A [gap/2]", E_A, "0.707107"),
        ("k = 1: best turn f [rad]", model.best_turn(1.0), "0.160875"),
        ("k = 1: E_B at the best turn [gap/2]", float(E_B[0]), "-0.114748"),
    )
    return Figure(
        name="teleportation",
        title="Cooling by teleported energy",
        caption=(
            "Target and helper share the ground state of -Z - Z + 2k XX, from which no operation on the target alone "
            "draws energy. The helper is measured in X, which brings in energy there; told the result, the target "
            "turns by +f or -f, and the energy of the pair changes by E_B: for small angles it falls, energy was "
            "drawn from the target. The dotted line joins the lowest points for all k."
        ),
        abscissa="turn f [rad]",
        column="turn [rad]",
        panels=((angle,),),
        comparisons=tuple(Comparison(quantity=q, ours=v, reference=r, source=REFERENCE) for q, v, r in lines),
        notes=(
            "Energies of states that are projected and turned, by 4 x 4 matrices; the closed form agrees to 1e-12. The "
            f"measurement always costs more than the target gives up: least cost per energy {_least(injected, lowest)} "
            "for k up to 4.",
        ),
        measures=TELEPORTATION.measures,
    )


def _least(injected: np.ndarray, lowest: np.ndarray) -> str:
    return f"{float((injected / -lowest).min()):.2f}"


TELEPORTATION = Offer(
    make=teleportation,
    measures=tuple(
        Measure(
            panel="turn",
            observable="teleported_energy",
            subject="target",
            experiment=AlgorithmicCooling(method="teleport", interaction=k, rounds=1),
            pen=pen,
            label=f"k = {k:g}",
            axis="turn",
        )
        for k, pen in INTERACTIONS.items()
    ),
)
