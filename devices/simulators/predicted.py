"""What a noise model says of a run: states of the system and mean energies of ancillas, of whole ensembles.

Both come from the templates that read the system in Z, whose readout needs no gates: each member of each point once,
with its exact weight. The energy of a register is, as in the analysis, the mean over its ancillas that a point reads,

    E = sum over members w_m mean over ancillas a of gap_a P_m(a excited).

What each member gives of its own is not kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from protocols import Array, Program
from protocols.program import gap_read

Chosen = Mapping[int, Sequence[int]]
"""Blocks that read the system in Z -> their rows that count."""


def energy_blocks(program: Program) -> dict[int, list[int]]:
    """Blocks that read the system in Z and the rows that count: each member of each point once.

    Args:
        program: What is to be run.
    """
    letters = "Z" * len(program.experiment.qubits)
    seen: set[tuple[str, int, int]] = set()
    chosen: dict[int, list[int]] = {}
    for index, block in enumerate(program.blocks):
        setting = block.setting
        if block.prepared or not setting.basis.startswith(letters):
            continue
        keys = [(setting.arm, setting.member, point) for point in block.point.tolist()]
        rows = [row for row, key in enumerate(keys) if key not in seen]
        seen.update(keys)
        if rows:
            chosen[index] = rows
    return chosen


def ancillas_of(program: Program, index: int) -> list[int]:
    """The outcomes of a block that are ancillas, in their order.

    Args:
        program: What is to be run.
        index: Of the block.
    """
    return [i for i, outcome in enumerate(program.blocks[index].setting.outcomes) if outcome.register]


def system_states(program: Program, chosen: Chosen, saved: Sequence[Array]) -> Array | None:
    """States of the system, (arms, points, d, d); None where a point has no template.

    Args:
        program: What is to be run.
        chosen: See `energy_blocks`.
        saved: Of each chosen block the state at the end of every row, (rows, d, d), first qubit most significant.
    """
    arms, size = program.points.arms, 2 ** len(program.experiment.qubits)
    states = np.zeros((len(arms), len(program.points), size, size), dtype=complex)
    covered = np.zeros(states.shape[:2], dtype=bool)
    for rho, (index, rows) in zip(saved, chosen.items(), strict=True):
        block = program.blocks[index]
        at = arms.index(block.setting.arm), block.point[rows]
        states[at] += block.weight[rows, None, None] * rho[rows]
        covered[at] = True
    return states if covered.all() else None


def register_energies(program: Program, chosen: Chosen, excited: Sequence[Array]) -> dict[str, Array]:
    """Mean energies of ancillas by register, (arms, points) [gap]; NaN where a point reads none of its ancillas.

    Args:
        program: What is to be run.
        chosen: See `energy_blocks`.
        excited: Of each chosen block the probability that each of its ancillas is read as excited, (rows, ancillas).
    """
    points, experiment = program.points, program.experiment
    found: dict[str, Array] = {}
    weights: dict[str, Array] = {}
    for p, (index, rows) in zip(excited, chosen.items(), strict=True):
        block = program.blocks[index]
        at = points.arms.index(block.setting.arm), block.point[rows]
        outcomes = [block.setting.outcomes[i] for i in ancillas_of(program, index)]
        for register in dict.fromkeys(outcome.register for outcome in outcomes):
            own = [i for i, outcome in enumerate(outcomes) if outcome.register == register]
            gaps = [gap_read(experiment, outcomes[i].gap, points, block.setting.arm)[block.point[rows]] for i in own]
            energy = np.mean([gap * p[rows, i] for gap, i in zip(gaps, own, strict=True)], axis=0)
            for table, value in ((found, energy), (weights, 1.0)):
                shape = len(points.arms), len(points)
                table.setdefault(register, np.zeros(shape))[at] += block.weight[rows] * value
    # a register that only some of the members were asked for has no mean over them
    return {name: np.where(np.isclose(weights[name], 1), energy, np.nan) for name, energy in found.items()}


def excited_of(joint: Array, ancillas: int) -> Array:
    """Probability that each of some qubits is excited, (rows, ancillas), from that of all their bits.

    Args:
        joint: Little-endian as Aer gives it, (rows, 2**ancillas).
        ancillas: How many qubits.

    Examples:
        >>> excited_of(np.array([[0.5, 0.25, 0.125, 0.125]]), 2).tolist()
        [[0.375, 0.25]]
    """
    set_bits = (np.arange(2**ancillas)[:, None] >> np.arange(ancillas)) & 1
    return joint @ set_bits
