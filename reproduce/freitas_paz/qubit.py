"""The qubit of cooling-floor: collision after collision, and its floor; runs are laid over the first."""

from __future__ import annotations

import numpy as np

from protocols import Array
from protocols.cooling_floor import CoolingFloor
from reproduce.drawing import (
    ANOMALOUS,
    COLD,
    REFERENCE,
    SECOND,
    THIRD,
    UNCORRELATED,
    Comparison,
    Context,
    Curve,
    Figure,
    Measure,
    Panel,
)

PAIRS = {0.05: SECOND, 0.1: ANOMALOUS, 0.25: THIRD, 0.5: COLD}
"""Pair angles that are drawn; 0.5 is that of the swap, which cannot cool."""
ANGLES = {0.25: SECOND, 0.5: ANOMALOUS, 1.0: COLD}
"""Swap angles of the floor."""
MOST = 20
"""Collisions drawn."""
PRINTED = (("0.05", "0.010751"), ("0.1", "0.041560"), ("0.25", "0.210298"), ("0.5", "0.5"))
SAID = "angle phi = 0.5, from 0.4"


def populations(pair_angle: float, collisions: Array) -> Array:
    """Excited population after so many collisions, (collisions,), from the protocol's own states.

    Args:
        pair_angle: psi; phi and the start are the defaults.
        collisions: Shape (collisions,).
    """
    experiment = CoolingFloor(pair_angle=pair_angle, collisions=collisions)
    return np.real(experiment.state(experiment.points({}, "nominal"))[:, 1, 1])


def limit_of(angle: Array | float, pair_angle: Array | float) -> Array:
    """p* = sin^2 psi/(sin^2 phi + sin^2 psi), (...,).

    Args:
        angle: phi, shape (...,) [rad].
        pair_angle: psi, shape (...,) [rad].
    """
    cool, heat = np.sin(angle) ** 2, np.sin(pair_angle) ** 2
    return heat / (cool + heat)


def collisions(context: Context) -> Figure:
    """p against collisions for several pair angles."""
    n = np.arange(MOST + 1)
    drawn = [Curve(name="none", label="no pairs", x=n, y=populations(0.0, n), pen=UNCORRELATED)]
    for psi, pen in PAIRS.items():
        stem, label = f"psi-{psi:g}".replace(".", "p"), f"psi = {psi:g}"
        drawn.append(Curve(name=stem, label=label, x=n, y=populations(psi, n), pen=pen))
    after = populations(0.1, np.array([5]))[0]
    return Figure(
        name="qubit",
        title="A qubit, collision after collision",
        caption="Excited population of a qubit that meets ancillas in their ground state: a partial swap (angle 0.5) "
        "takes energy out, a pair gate (angle psi) puts some back. At psi = 0.5 both are one rotation about XX, "
        "which heats as much as it cools: 1/2.",
        abscissa="collisions",
        column="collisions",
        panels=((Panel(name="qubit", title="", label="excited population", column="p", curves=tuple(drawn)),),),
        comparisons=(
            Comparison(
                quantity="p after 5 collisions, psi = 0.1", ours=float(after), reference="0.132554", source=REFERENCE
            ),
            *(
                Comparison(
                    quantity=f"p after 200 collisions, psi = {psi}",
                    ours=float(populations(float(psi), np.array([200]))[0]),
                    reference=text,
                    source=REFERENCE,
                )
                for psi, text in PRINTED
            ),
        ),
        notes=(f"The protocol's defaults: {SAID}. They are chosen here.",),
        measures=MEASURES,
    )


def limit(context: Context) -> Figure:
    """p* against psi."""
    psi = np.geomspace(0.01, 0.5, 61)
    curves = tuple(
        Curve(
            name=f"phi-{phi:g}".replace(".", "p"),
            label=f"phi = {phi:g}",
            x=psi,
            y=limit_of(phi, psi),
            pen=pen,
        )
        for phi, pen in ANGLES.items()
    )
    return Figure(
        name="qubit-floor",
        title="The floor of a qubit",
        caption="Excited population in the long run against the angle of the pair gate. It grows like psi^2 and "
        "passes 1/2 at psi = phi; a stronger swap lowers it by a factor and never to nothing.",
        abscissa="pair angle psi [rad]",
        column="psi [rad]",
        logarithmic=True,
        panels=(
            (
                Panel(
                    name="limit",
                    title="",
                    label="excited population p*",
                    column="p*",
                    curves=curves,
                    zero=False,
                    logarithmic=True,
                ),
            ),
        ),
        comparisons=tuple(
            Comparison(
                quantity=f"p*, phi = 0.5, psi = {psi}",
                ours=float(limit_of(0.5, float(psi))),
                reference=text,
                source=REFERENCE,
            )
            for psi, text in PRINTED
        ),
        notes=("A run lies along collisions: lay it over the figure qubit.",),
    )


MEASURES = (
    Measure(
        panel="qubit",
        observable="population",
        subject="target",
        experiment=CoolingFloor(),
        pen=UNCORRELATED,
        label="no pairs",
        axis="collisions",
        free=("pair_angle",),
        arm="none",
    ),
    *(
        Measure(
            panel="qubit",
            observable="population",
            subject="target",
            experiment=CoolingFloor(pair_angle=psi),
            pen=pen,
            label=f"psi = {psi:g}",
            axis="collisions",
        )
        for psi, pen in PAIRS.items()
    ),
)
