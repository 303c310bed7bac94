"""Sets of settings side by side at equal total shots: how well each knows heat, mutual information, concurrence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analysis._frequencies import Counts
from analysis.planning._allocation import divided_shots, with_shots
from analysis.planning._expectation import counted
from analysis.planning._program import with_settings
from analysis.planning._target import FUNCTIONS, HEAT, TARGETS, heat_deviation, shared_home, state_deviation
from devices import Device
from devices._expected import known_probabilities
from protocols import Array, Program


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
    """Standard deviation at every point, with even shots; NaN where the set does not determine it."""
    optimal: tuple[float, ...]
    """The same with shots allocated for the target."""
    simulated: bool
    """Whether any of them comes from simulated experiments: the state is near the boundary."""


def compare_settings(program: Program, device: Device, word: str) -> tuple[SettingsRow, ...]:
    """Named sets, those of the program, and energies alone, with the total shots of the program.

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
    found: list[SettingsRow] = []
    for name, bases in sets.items():
        other = with_settings(program, bases, total // len(bases))
        plan = device.prepare(other, 0)
        counts = counted(plan, known_probabilities(plan, device))
        found += _rows(name, other, counts, word)
    return tuple(found)


def _rows(name: str, program: Program, counts: Counts, word: str) -> Iterator[SettingsRow]:
    home = shared_home(program.points, len(program.points.arms))
    for target in TARGETS:
        nothing = tuple([float("nan")] * len(program.points))
        even = optimal = nothing
        simulated = False
        if target == HEAT or counts.family[0] != "none":
            shots = divided_shots(counts, target, word, home)
            even, near = _deviation(counts, target, word, home)
            optimal, near_too = _deviation(with_shots(counts, shots), target, word, home)
            simulated = near or near_too
        yield SettingsRow(
            bases=name,
            settings=len(program.bases),
            shots=program.shots,
            target=target,
            even=even,
            optimal=optimal,
            simulated=simulated,
        )


def _deviation(counts: Counts, target: str, word: str, home: Array) -> tuple[tuple[float, ...], bool]:
    if target == HEAT:
        return tuple(heat_deviation(counts, word, home).tolist()), False
    found, near = state_deviation(counts, FUNCTIONS[target])
    return tuple(found.tolist()), bool(near.any())
