"""The two fluids that are drawn, and what all figures of the qubit engine share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.figures import BLUE, GREYS, ORANGE, VERMILLION, Pen
from protocols import Array
from protocols.coherent_engine import CoherentEngine
from reproduce.drawing import Comparison, Curve, Measure, Panel
from reproduce.klatzow.numbers import OWN
from theory.engines import QubitEngine

COHERENT, DEPHASED = Pen(colour=VERMILLION, marker="o"), Pen(colour=GREYS[0], marker="^", dash="--", filled=False)
HALF, LIMIT = Pen(colour=ORANGE, marker="P", dash="-."), Pen(colour=BLUE, marker="s", dash=(0, (1, 1.2)))
STROKES = np.concatenate([np.linspace(0.02, 0.3, 29), np.linspace(0.34, np.pi, 71)])
ANGLE = "stroke $\\theta$ [rad]"
CHOSEN = "angle, stroke and excitation are chosen here"
INFERRED = (f"All curves: {CHOSEN}; those of the experiment are not known.",)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One fluid and its ancillas."""

    engine: CoherentEngine
    title: str
    drive: float
    """Stroke of the start-up."""

    @property
    def parameters(self) -> str:
        """For a table."""
        return f"angle {float(np.asarray(self.engine.angle)):.4g}, q = {float(np.asarray(self.engine.excitation)):g}"

    def fluid(self, drive: float, kept: float = 1.0) -> QubitEngine:
        """The same in theory, with a stroke and a share of the coherence that is kept."""
        angle, q = float(np.asarray(self.engine.angle)), float(np.asarray(self.engine.excitation))
        return QubitEngine(angle=angle, drive=drive, excitation=q, kept=kept)


CASES: Mapping[str, Case] = {
    "flown": Case(
        engine=CoherentEngine(stroke=1), title="$\\varphi$ = 0.6, q = 0.75 (default of the protocol)", drive=0.25
    ),
    "weaker": Case(
        engine=CoherentEngine(angle=np.pi / 6, excitation=0.8, stroke=1),
        title="$\\varphi$ = $\\pi$/6, q = 0.8",
        drive=0.2,
    ),
}


def predicted(experiment: CoherentEngine) -> dict[str, Array]:
    """What `predict` says of the main arm after the stroke, by "observable subject".

    Args:
        experiment: With several strokes theta.
    """
    from analysis.prediction import predict

    table = predict(experiment, {})
    names = table["observable"] + " " + table["subject"]
    return {str(name): rows.to_numpy() for name, rows in table["ideal"].groupby(names, sort=False)}


def compared(quantity: str, ours: float, reference: str) -> Comparison:
    """A number beside this project's own."""
    return Comparison(quantity=quantity, ours=float(ours), reference=reference, source=OWN)


def panel(name: str, title: str, label: str, *curves: Curve) -> Panel:
    """A pair of axes whose ordinate is named as in the picture."""
    column = label.replace("$", "")
    return Panel(name=name, title=title, label=label, column=column, curves=curves)


def curve(name: str, label: str, x: Array, y: Array, pen: Pen) -> Curve:
    """A line whose parameters are chosen here."""
    return Curve(name=name, label=label, x=x, y=y, pen=pen, inferred=CHOSEN)


def measure(
    observable: str, axis: str, pen: Pen, label: str, *, arm: str = "main", free: tuple[str, ...] = ()
) -> Measure:
    """Rows of a run of the default fluid, along an axis."""
    return Measure(
        panel="flown", observable=observable, subject="fluid", experiment=CASES["flown"].engine, pen=pen, label=label,
        axis=axis, arm=arm, free=free,
    )  # fmt: skip
