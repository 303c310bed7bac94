"""Heat against phase and against strength of the coherence, and where it turns."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from analysis.figures import Pen
from reproduce.drawing import (
    ANOMALOUS,
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
    compared,
)
from reproduce.huang.spins import ANGLES, experiment, heat, turning

STRENGTHS: Mapping[float, Pen] = {0.0: UNCORRELATED, 0.5: SECOND, 1.0: ANOMALOUS}
"""Fraction of the largest coherence."""
TURNS: Mapping[str, tuple[float, Pen]] = {"0": (0.0, ANOMALOUS), "pi/3": (np.pi / 3, SECOND), "pi": (np.pi, THIRD)}
"""Phases of the coherence."""
PHASES, FRACTIONS = np.linspace(0, 2 * np.pi, 121), np.linspace(0, 1, 81)
HEAT = "heat into the spins [gap]"


def phase(context: Context) -> Figure:
    """Q against the phase, three strengths."""
    panels = tuple(
        Panel(
            name=f"phase-{size}",
            title=f"{size} spins",
            label=HEAT,
            column=HEAT,
            curves=tuple(
                Curve(
                    name=f"phase-{size}-{strength:g}".replace(".", "p"),
                    label=_strength(strength),
                    x=PHASES,
                    y=np.broadcast_to(heat(size, strength, PHASES), PHASES.shape),
                    pen=pen,
                )
                for strength, pen in STRENGTHS.items()
            ),
        )
        for size in ANGLES
    )
    caption = (
        "Energy that cold spins gain from a hotter ancilla in one cascade. Below zero the spins heat the ancilla: the "
        "flow is reversed. Of two spins the phase enters as its cosine; of three, the phase of neighbours enters, and "
        "that of the outer spins, which is twice as large."
    )
    return Figure(
        name="phase",
        title="Heat against the phase of the coherence",
        caption=caption,
        abscissa="phase of the coherence [rad]",
        column="phase [rad]",
        panels=(panels,),
        comparisons=_compared(),
        notes=(_CHOSEN,),
        measures=OFFERS["phase"].measures,
    )


def strength(context: Context) -> Figure:
    """Q against the strength, three phases."""
    panels = tuple(
        Panel(
            name=f"strength-{size}",
            title=f"{size} spins",
            label=HEAT,
            column=HEAT,
            curves=tuple(
                Curve(
                    name=f"strength-{size}-{name}".replace("/", "-"),
                    label=f"phase {name}",
                    x=FRACTIONS,
                    y=heat(size, FRACTIONS, turn),
                    pen=pen,
                )
                for name, (turn, pen) in TURNS.items()
            ),
        )
        for size in ANGLES
    )
    caption = (
        "The same against the strength of the coherence, as a fraction of the largest that the state allows: lines "
        "whose slope the phase sets. In phase they cross zero where the coherence is just enough to stop the flow."
    )
    return Figure(
        name="strength",
        title="Heat against the strength of the coherence",
        caption=caption,
        abscissa="fraction of the largest coherence",
        column="fraction",
        panels=(panels,),
        notes=(_CHOSEN,),
        measures=OFFERS["strength"].measures,
    )


def direction(context: Context) -> Figure:
    """Where the heat turns, in the plane of phase and strength."""
    pens = {2: ANOMALOUS, 3: SECOND}
    phases = np.linspace(-np.pi, np.pi, 721)
    panel = Panel(
        name="direction",
        title="",
        label="fraction of the largest coherence",
        column="fraction",
        curves=tuple(
            Curve(name=f"turning-{size}", label=f"{size} spins: no heat", x=phases, y=turning(size, phases), pen=pen)
            for size, pen in pens.items()
        ),
    )
    caption = (
        "Lines without heat: above a line, strong coherence nearly in phase, cold spins heat the hotter ancilla; "
        "everywhere else the ancilla heats them. Three spins need less of their coherence for it."
    )
    return Figure(
        name="direction",
        title="Direction of the heat in the plane of phase and strength",
        caption=caption,
        abscissa="phase of the coherence [rad]",
        column="phase [rad]",
        panels=((panel,),),
        notes=(_CHOSEN,),
    )


_CHOSEN = (
    "All parameters were chosen here; the shape of the curves, a reversal that strength and phase decide, is what the "
    "abstract reports."
)


def _strength(fraction: float) -> str:
    return {0.0: "no coherence", 0.5: "half of it", 1.0: "all of it"}[fraction]


def _compared() -> tuple[Comparison, ...]:
    lines = (
        ("2 spins, no coherence: heat [gap]", heat(2, 0.0, 0.0), "0.0365192"),
        ("2 spins, all of it in phase: heat [gap]", heat(2, 1.0, 0.0), "-0.0209868"),
        ("2 spins, all of it opposed: heat [gap]", heat(2, 1.0, np.pi), "0.0940252"),
    )
    return compared(lines)


def _measure(size: int, kind: str, fraction: float, turn: float, pen: Pen, label: str, arm: str = "main") -> Measure:
    return Measure(
        panel=f"{kind}-{size}",
        observable="heat",
        subject="pair" if size == 2 else "spins",
        experiment=experiment(size, fraction, turn),
        pen=pen,
        label=label,
        axis="coherence_phase" if kind == "phase" else "coherence",
        arm=arm,
    )


OFFERS: Mapping[str, Offer] = {
    "phase": Offer(
        make=phase,
        measures=tuple(
            measure
            for size in ANGLES
            for measure in (
                *(
                    _measure(size, "phase", fraction, 0.0, pen, _strength(fraction))
                    for fraction, pen in STRENGTHS.items()
                ),
                _measure(size, "phase", 1.0, 0.0, UNCORRELATED, "arm without coherence", "none"),
            )
        ),
    ),
    "strength": Offer(
        make=strength,
        measures=tuple(
            _measure(size, "strength", 1.0, turn, pen, f"phase {name}")
            for size in ANGLES
            for name, (turn, pen) in TURNS.items()
        ),
    ),
    "direction": Offer(make=direction, measures=()),
}
