"""Sets of settings side by side at equal total shots: how well each knows heat, mutual information, concurrence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.data import Counts
from analysis.planning.allocation import divide
from analysis.planning.expectation import counted
from analysis.planning.program import with_settings
from analysis.planning.target import HEAT, TARGETS, shared_home
from devices import Device
from devices.simulators import known_probabilities
from protocols import Program
from protocols.program import MOST_SHOTS, ensemble_size


@dataclass(frozen=True, kw_only=True)
class SettingsRow:
    """One set of settings for one target."""

    bases: str
    """Its name, or its words."""
    settings: int
    shots: int
    """Of each setting and point, with as many in all as the others have."""
    target: str
    even: tuple[float, ...]
    """Error at every point, with even shots; NaN where the set does not determine it."""
    optimal: tuple[float, ...]
    """The same with shots allocated for the target."""


def compare_settings(program: Program, device: Device, word: str) -> tuple[SettingsRow, ...]:
    """Named sets, those of the program, and energies alone, with the total shots of the program.

    A set in which that total leaves fewer shots than an ensemble has members, or more than a setting may have, is left
    out.

    Args:
        program: Without controls; its points are those of the table.
        device: Where.
        word: The Pauli word of the hot qubit's energy.
    """
    experiment = program.experiment
    sets = {**experiment.measurements, "ZZ": ("Z" * len(experiment.qubits),)}
    if program.bases not in sets.values():
        sets = {",".join(program.bases): program.bases, **sets}
    total = program.shots * len(program.bases)
    least = program.shots_per_row * ensemble_size(experiment, program.points)
    found: list[SettingsRow] = []
    for name, bases in sets.items():
        if not least <= total // len(bases) <= MOST_SHOTS and bases != program.bases:
            continue
        other = with_settings(program, bases, total // len(bases))
        plan = device.prepare(other, 0).of_copy(0)
        counts = counted(plan, known_probabilities(plan, device))
        found += _rows(name, other, counts, word)
    return tuple(found)


def _rows(name: str, program: Program, counts: Counts, word: str) -> Iterator[SettingsRow]:
    home = shared_home(program.points, len(program.points.arms))
    for target in TARGETS:
        even = optimal = tuple([float("nan")] * len(program.points))
        if target == HEAT or counts.family[0] != "none":
            division = divide(counts, target, word, home)
            even, optimal = tuple(division.even_error.tolist()), tuple(division.error.tolist())
        yield SettingsRow(
            bases=name,
            settings=len(program.bases),
            shots=program.shots,
            target=target,
            even=even,
            optimal=optimal,
        )
