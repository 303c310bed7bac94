"""Erasure by who holds a memory: T S(S|M), below zero where both are entangled."""

from __future__ import annotations

import numpy as np

from protocols import Array
from protocols.quantities import conditional_entropy
from reproduce.drawing import (
    ANOMALOUS,
    FORWARD,
    REFERENCE,
    UNCORRELATED,
    Comparison,
    Context,
    Curve,
    Figure,
    Offer,
    Panel,
)

TURNS = np.linspace(0, np.pi / 2, 181)
PRINTED = {0.3: "-0.2963216", np.pi / 8: "-0.416496", np.pi / 4: "-0.693147"}
"""S(S|M) of cos t |00> + sin t |11> by t."""


def shared(t: Array, *, dephased: bool = False) -> Array:
    """cos t |00> + sin t |11> of system and memory, (..., 4, 4).

    Args:
        t: Angles [rad].
        dephased: Whether its coherence is gone.
    """
    t = np.asarray(t, dtype=float)
    psi = np.stack([np.cos(t), 0 * t, 0 * t, np.sin(t)], axis=-1)
    rho = psi[..., :, None] * psi[..., None, :]
    return rho * np.eye(4) if dephased else rho


def memory(context: Context) -> Figure:
    """S(S|M) against t."""
    nothing = conditional_entropy(shared(TURNS, dephased=True), 1)
    lines = (
        ("entangled", "entangled with its memory", conditional_entropy(shared(TURNS), 1), ANOMALOUS),
        ("dephased", "its memory knows the bit", nothing, FORWARD),
        ("unknown", "without a memory", nothing - conditional_entropy(shared(TURNS), 1), UNCORRELATED),
    )
    panel = Panel(
        name="memory",
        title="cos t |00> + sin t |11>",
        label="least heat of erasure/T [nat]",
        column="conditional_entropy [nat]",
        curves=tuple(Curve(name=name, label=label, x=TURNS, y=y, pen=pen) for name, label, y, pen in lines),
    )
    found = tuple(
        Comparison(
            quantity=f"S(S|M) at t = {t:.4g} [nat]",
            ours=float(conditional_entropy(shared(np.array(t)), 1)),
            reference=printed,
            source=REFERENCE,
        )
        for t, printed in PRINTED.items()
    )
    return Figure(
        name="memory",
        title="Erasure with a memory",
        caption=(
            "Least heat, over T, that erasing a system S gives off: its entropy for who knows nothing of it, S(S|M) "
            "for who holds the memory M. A memory that knows the bit makes it 0; one that is entangled with the system "
            "makes it negative, so that erasing draws heat in and gives work."
        ),
        abscissa="t [rad]",
        column="t [rad]",
        panels=((panel,),),
        comparisons=found,
        inferred=("The state, and that T S(S|M) is reached, are from memory; the formula S_SM - S_M is exact.",),
    )


MEMORY = Offer(make=memory, measures=())
