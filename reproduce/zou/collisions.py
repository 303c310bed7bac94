"""The bridge of collisions: what a run of heat-bridge measures."""

from __future__ import annotations

import numpy as np

from analysis.figures import Pen
from protocols import Array
from protocols.heat_bridge import HeatBridge
from reproduce.drawing import HOT_CONTROL, Comparison, Context, Curve, Figure, Measure, Panel
from reproduce.zou.pens import CLASSICAL, NARROW, OWN, QUBIT

BRIDGE = HeatBridge()
COLDEST = HeatBridge(T_c=0.15)
CHOSEN = "T_h = 1.6 and the angle 0.8 are chosen here"
HEATED, LIKE = "heat into the cold bath", "both baths equally cold"


def collisions(context: Context) -> Figure:
    """Heat of a round against T_c, beside the classical curve."""
    T_c = np.concatenate([np.geomspace(0.02, 0.1, 12), np.linspace(0.12, 1.6, 75)])
    found = predicted(HeatBridge(T_c=T_c))
    curves = (
        _curve("heat", "qubit: heat of a round", T_c, found["heat cold"], QUBIT),
        _curve("limit", "qubit at T_c = 0", T_c, found["current_limit cold"], NARROW),
        _curve("classical", "classical, equal at T_h/4", T_c, found["classical_current cold"], CLASSICAL),
        _curve("isothermal", LIKE, T_c, 0 * T_c, HOT_CONTROL, faint=True),
    )
    return Figure(
        name="collisions",
        title="Heat of a bridge that collides",
        caption=(
            "A qubit meets a fresh ancilla of the hot and one of the cold bath in every round. Heat that the cold "
            "bath takes in, against its temperature; the hot one has 1.6. The classical curve is scaled so that both "
            "are equal at its maximum, T_c = 0.4: below it they part. Runs of heat-bridge are laid over this figure."
        ),
        abscissa="T$_c$ [gap/k$_B$]",
        column="T_c [gap/k_B]",
        panels=(
            (Panel(name="heat", title="one round, T$_h$ = 1.6, angle 0.8", label="heat [gap]", column="heat [gap]",
                   curves=curves),),
        ),
        comparisons=tuple(_numbers()),
        inferred=(f"All curves: {CHOSEN}; the paper has no collisions.",),
        notes=("Only the shape of the classical curve means something here: a flight has no round.",),
        measures=AGAINST_T_C,
    )  # fmt: skip


def angle(context: Context) -> Figure:
    """Heat of a round against the angle of a partial swap."""
    phi = np.linspace(0.05, np.pi / 2, 60)
    found = predicted(HeatBridge(T_c=0.15, angle=phi))
    curves = (
        _curve("heat", "qubit: heat of a round", phi, found["heat cold"], QUBIT),
        _curve("classical", "classical, equal at T_h/4", phi, found["classical_current cold"], CLASSICAL),
    )
    return Figure(
        name="angle",
        title="A stronger contact carries more",
        caption=(
            "Heat of a round into the cold bath at T_c = 0.15 against the angle of the partial swaps, up to a full "
            "swap, which hands the hot ancilla's energy to the cold bath whole. The classical curve is scaled with "
            "the same contact."
        ),
        abscissa="angle [rad]",
        column="angle [rad]",
        panels=((Panel(name="angle", title="one round, T$_h$ = 1.6, T$_c$ = 0.15", label="heat [gap]",
                       column="heat [gap]", curves=curves),),),
        inferred=("All curves: T_h = 1.6 and T_c = 0.15 are chosen here; the paper has no collisions.",),
        measures=AGAINST_ANGLE,
    )  # fmt: skip


def rounds(context: Context) -> Figure:
    """Heat of all rounds together."""
    count = np.arange(1, 7)
    found = predicted(HeatBridge(T_c=0.3, rounds=count))
    curves = (
        _curve("heat", "qubit: heat of all rounds", count, found["heat cold"], QUBIT),
        _curve("classical", "classical, equal at T_h/4", count, found["classical_current cold"], CLASSICAL),
    )
    return Figure(
        name="rounds",
        title="The current is steady from its first round",
        caption=(
            "Heat into the cold bath at T_c = 0.3, all rounds together. The bridge starts in its steady state, so "
            "that every round carries the same."
        ),
        abscissa="rounds",
        column="rounds",
        panels=((Panel(name="rounds", title="T$_h$ = 1.6, T$_c$ = 0.3, angle 0.8", label="heat [gap]",
                       column="heat [gap]", curves=curves),),),
        inferred=(f"All curves: {CHOSEN}; the paper has no collisions.",),
        measures=AGAINST_ROUNDS,
    )  # fmt: skip


def predicted(experiment: HeatBridge) -> dict[str, Array]:
    """What `predict` says of the main arm, by "observable subject".

    Args:
        experiment: With several values along its axis, or along the angle.
    """
    from analysis.prediction import predict

    table = predict(experiment, {})
    names = table["observable"] + " " + table["subject"]
    return {str(name): rows.to_numpy() for name, rows in table["ideal"].groupby(names, sort=False)}


def _numbers() -> list[Comparison]:
    cases = (
        ("T_h = 1.6, angle 0.8", HeatBridge(T_c=(1.2, 0.6, 0.3, 0.15)), "0.0158338 0.0657457 0.1088509 0.1203437"),
        (
            "T_h = 1, angle pi/6",
            HeatBridge(T_h=1.0, angle=np.pi / 6, T_c=(0.64, 0.25, 1e-3)),
            "0.013665 0.035851 0.038420",
        ),
    )
    return [
        Comparison(quantity=f"heat of a round, {title}, T_c = {T_c:g}", ours=float(ours), reference=said, source=OWN)
        for title, experiment, printed in cases
        for T_c, ours, said in zip(
            np.atleast_1d(np.asarray(experiment.T_c)), predicted(experiment)["heat cold"], printed.split(), strict=True
        )
    ]


def _curve(name: str, label: str, x: Array, y: Array, pen: Pen, *, faint: bool = False) -> Curve:
    label = label.replace("T_h", "T$_h$").replace("T_c", "T$_c$")
    return Curve(name=name, label=label, x=x, y=y, pen=pen, faint=faint, inferred=CHOSEN)


def _measure(panel: str, experiment: HeatBridge, axis: str, pen: Pen, label: str, arm: str = "main") -> Measure:
    return Measure(
        panel=panel, observable="heat", subject="cold", experiment=experiment, pen=pen, label=label, axis=axis, arm=arm
    )


AGAINST_T_C = (
    _measure("heat", BRIDGE, "T_c", QUBIT, HEATED),
    _measure("heat", BRIDGE, "T_c", HOT_CONTROL, LIKE, arm="isothermal"),
)
AGAINST_ANGLE = (_measure("angle", COLDEST, "angle", QUBIT, HEATED),)
AGAINST_ROUNDS = (_measure("rounds", HeatBridge(T_c=0.3), "rounds", QUBIT, HEATED),)
