"""Two charger qubits and two cells, which a circuit charges in steps."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from protocols import Array
from protocols.quantum_battery import FULL, QuantumBattery
from reproduce.drawing import (
    ANOMALOUS,
    SECOND,
    THIRD,
    UNCORRELATED,
    Context,
    Curve,
    Figure,
    Measure,
    Offer,
    Panel,
    compared,
)  # fmt: skip
from reproduce.ferraro.system import ADVANTAGE
from theory.batteries import SINGLE, ChargerQubits

TIMES = np.linspace(0, 1.6, 161)
STEPS = {1: SECOND, 2: THIRD}


def qubits(context: Context) -> Figure:
    """E and P of the continuous model, of circuits with one and two steps, and of separate pairs."""
    together, apart = ChargerQubits(cells=2), ChargerQubits(cells=1)
    energies = {
        "continuous": ("together", together.stored(TIMES), ANOMALOUS),
        **{f"steps-{n}": (f"circuit, {n} step{'s' * (n > 1)}", stepped(TIMES, n), pen) for n, pen in STEPS.items()},
        "parallel": ("two separate pairs", 2 * apart.stored(TIMES), UNCORRELATED),
    }
    rate = np.divide(1, TIMES, out=np.zeros_like(TIMES), where=TIMES > 0)
    panels = (
        Panel(
            name="energy", title="stored energy", label="E [gap]", column="stored_energy [gap]",
            curves=tuple(
                Curve(name=name, label=said, x=TIMES, y=y, pen=pen) for name, (said, y, pen) in energies.items()
            ),
        ),
        Panel(
            name="power", title="power", label="E/t [gap x g]", column="power [gap x g]",
            curves=tuple(
                Curve(name=f"{name}-power", label=said, x=TIMES, y=y * rate, pen=pen)
                for name, (said, y, pen) in energies.items()
            ),
        ),
    )  # fmt: skip
    caption = (
        "Two charger qubits and two cells, each charger coupled to each cell, against two separate pairs with the "
        "same coupling. Together they are full at pi/(2 sqrt2), apart at pi/2. A circuit of one symmetric step (18 "
        "CZ) stays a little below, one of two steps (32 CZ) hardly. Its curve is that of the circuit: what it lacks "
        "is no noise."
    )
    return Figure(
        name="qubits",
        title="Two chargers and two cells as qubits",
        caption=caption,
        abscissa="g t",
        column="g t",
        panels=(panels,),
        comparisons=compared(_numbers()),
        notes=(ADVANTAGE,),
        measures=OFFERS["qubits"].measures,
    )


def stepped(times: Array, steps: int) -> Array:
    """E of the circuit with so many Strang steps, (times,)."""
    flown = QuantumBattery(time=times, steps=steps)
    rho = np.real(np.diagonal(flown.state(flown.points({}, "nominal")), axis1=1, axis2=2))
    # wires b1, c1, c2, b2, the first leftmost
    return (rho @ [(i >> 1 & 1) + (i >> 2 & 1) for i in range(16)])[: len(times)]


def _numbers() -> list[tuple[str, float, str]]:
    times = np.array([0.4, 0.7, 1.0, FULL])
    rows = (
        ("together", ChargerQubits(cells=2).stored(times), ("0.5745804", "1.3977862", "1.9513631", "2")),
        ("one step", stepped(times, 1), ("0.5605932", "1.3155884", "1.8295578", "1.922264")),
        ("two steps", stepped(times, 2), ("0.5711466", "1.3787577", "1.9306103", "1.996372")),
        ("parallel", 2 * ChargerQubits(cells=1).stored(times), ("0.303293", "0.830033", "1.416147", "1.605700")),
    )
    labels = ("0.4", "0.7", "1.0", "pi/(2 sqrt2)")
    found = [
        (f"E, {name}, g t = {t}", value, text)
        for name, values, texts in rows
        for t, value, text in zip(labels, values, texts, strict=True)
    ]
    found.append(("P_1/g", SINGLE, "0.7246114"))
    found.append(("g t of P_1", ChargerQubits(cells=1).most_power().time, "1.1655612"))
    for N, text in ((2, "1.414214"), (3, "1.774159"), (4, "2.119272")):
        found.append((f"M = N = {N} qubits: P_max/(N P_1)", ChargerQubits(cells=N).advantage(), text))
    for N, text in ((3, "0.970759"), (4, "0.961484")):
        found.append((f"M = N = {N} qubits: first maximum of E/N", ChargerQubits(cells=N).first_full().value / N, text))
    return found


def _measures() -> tuple[Measure, ...]:
    arms = (("main", 1, SECOND), ("main", 2, THIRD), ("parallel", 1, UNCORRELATED))
    return tuple(
        Measure(
            panel=panel,
            observable=quantity,
            subject="cells",
            experiment=QuantumBattery(steps=steps),
            pen=pen,
            label="separate pairs" if arm == "parallel" else f"{steps} step{'s' * (steps > 1)}",
            arm=arm,
            free=("steps",) if arm == "parallel" else (),
        )
        for panel, quantity in (("energy", "stored_energy"), ("power", "power"))
        for arm, steps, pen in arms
    )


OFFERS: Mapping[str, Offer] = {"qubits": Offer(make=qubits, measures=_measures())}
