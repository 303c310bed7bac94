"""Worlds in which no heat goes from a cold qubit into a hot one, or whose labels are not what they seem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from protocols import Array
from worlds_study.pairs import World, exchanged, relaxed, strongest_coherence, thermal_pair

SETTINGS = {"ZZ": ("ZZ",), "5": ("ZZ", "XX", "YY", "XY", "YX"), "9": tuple(a + b for a in "XYZ" for b in "XYZ")}
Maker = Callable[[np.random.Generator], World]


def _common(rng: np.random.Generator) -> tuple[Array, dict[str, object]]:
    """Times over a random part of a period, settings and shots."""
    count = int(rng.choice([2, 3, 5, 9, 13]))
    times = np.linspace(0, float(rng.uniform(4, 31)), count)
    settings = SETTINGS[str(rng.choice(list(SETTINGS)))]
    return times, {"settings": settings, "shots": int(rng.choice([300, 2000, 20_000]))}


def _temperatures(rng: np.random.Generator) -> tuple[float, float]:
    """The hotter one first."""
    T_B = float(rng.uniform(0.4, 1.5))
    return T_B + float(rng.uniform(0.2, 2.0)), T_B


def _believed(rng: np.random.Generator, T_A: float, T_B: float, **more: str) -> dict[str, str] | None:
    """What the user declares, in half of the worlds."""
    return {"T_A": repr(T_A), "T_B": repr(T_B), **more} if rng.random() < 0.5 else None


def product(rng: np.random.Generator) -> World:
    """Ordinary flow between uncorrelated qubits; declared as correlated or as what it is."""
    times, more = _common(rng)
    T = _temperatures(rng)
    states = {"main": exchanged(thermal_pair(*T), times)}
    return World(times=times, states=states, declared=_believed(rng, *T), **more)


def no_exchange(rng: np.random.Generator) -> World:
    """Correlated qubits that never interact."""
    times, more = _common(rng)
    T = _temperatures(rng)
    rho = thermal_pair(*T, 1j * strongest_coherence(*T))
    return World(times=times, states={"main": np.tile(rho, (len(times), 1, 1))}, declared=_believed(rng, *T), **more)


def normal_phase(rng: np.random.Generator) -> World:
    """Coherence that drives no energy, delta = 0, or drives it forward, within a quarter of a turn."""
    times, more = _common(rng)
    times = times * 7.0 / times[-1]
    T = _temperatures(rng)
    coherence = strongest_coherence(*T) * (1.0 if rng.random() < 0.5 else -1j)
    states = {"main": exchanged(thermal_pair(*T, coherence), times)}
    return World(times=times, states=states, declared=_believed(rng, *T), **more)


def _open(rng: np.random.Generator, toward: tuple[float, float], T: tuple[float, float]) -> World:
    times, more = _common(rng)
    rates = rng.uniform(0.02, 0.3, size=2)
    gone = 1 - np.exp(-np.outer(times, rates))
    start = np.tile(thermal_pair(*T), (len(times), 1, 1))
    return World(times=times, states={"main": relaxed(start, toward, gone)}, declared=_believed(rng, *T), **more)


def both_heated(rng: np.random.Generator) -> World:
    """Each qubit heated by a bath of its own; in half of the worlds both start alike and are read differently."""
    T = _temperatures(rng)
    if rng.random() < 0.5:
        T = (T[1], T[1])
    world = _open(rng, (float(rng.uniform(0.35, 0.5)), float(rng.uniform(0.35, 0.5))), T)
    off = rng.uniform(0.0, 0.03, size=2)
    return replace(world, misread=_constant_misreading(world, off), declared=None if T[0] == T[1] else world.declared)


def both_cooled(rng: np.random.Generator) -> World:
    """Each qubit relaxes towards its ground state."""
    return _open(rng, (0.01, 0.02), _temperatures(rng))


def opposite_baths(rng: np.random.Generator) -> World:
    """A heated and B cooled, by baths of their own: no heat goes from B to A."""
    return _open(rng, (float(rng.uniform(0.4, 0.5)), 0.01), _temperatures(rng))


def swapped_labels(rng: np.random.Generator) -> World:
    """A and B exchanged in some settings or in all, of ordinary flow or, with the protocol declared, of a reversal."""
    times, more = _common(rng)
    T = _temperatures(rng)
    everywhere = rng.random() < 0.5
    settings = tuple(more["settings"])  # type: ignore[arg-type]
    which = settings if everywhere else settings[: max(1, len(settings) // 2)]
    reverse = everywhere and rng.random() < 0.5
    coherence = 1j * strongest_coherence(*T) if reverse else 0.0
    declared = {"T_A": repr(T[0]), "T_B": repr(T[1])} if reverse else _believed(rng, *T)
    states = {"main": exchanged(thermal_pair(*T, coherence), times)}
    return World(times=times, states=states, declared=declared, swapped=which, **more)


def inverted_labels(rng: np.random.Generator) -> World:
    """Bits of one qubit or both upside down in some settings or in all, of ordinary flow or a declared reversal."""
    times, more = _common(rng)
    T = _temperatures(rng)
    settings = tuple(more["settings"])  # type: ignore[arg-type]
    which = settings if rng.random() < 0.5 else settings[: max(1, len(settings) // 2)]
    qubits = ((0,), (1,), (0, 1))[int(rng.integers(3))]
    reverse = len(which) == len(settings) and rng.random() < 0.5
    coherence = 1j * strongest_coherence(*T) if reverse else 0.0
    declared = {"T_A": repr(T[0]), "T_B": repr(T[1])} if reverse else _believed(rng, *T)
    states = {"main": exchanged(thermal_pair(*T, coherence), times)}
    return World(times=times, states=states, declared=declared, inverted=dict.fromkeys(which, qubits), **more)


def wrong_parameters(rng: np.random.Generator) -> World:
    """Ordinary flow, declared as a reversal of other strength, temperatures or phase."""
    times, more = _common(rng)
    T, other = _temperatures(rng), _temperatures(rng)
    states = {"main": exchanged(thermal_pair(*T), times)}
    declared = {"T_A": repr(other[0]), "T_B": repr(other[1]), "strength": repr(float(rng.uniform(0.3, 1)))}
    return World(times=times, states=states, declared=declared, **more)


def wrong_unit(rng: np.random.Generator) -> World:
    """Ordinary flow whose times are in another unit than those of the file."""
    times, more = _common(rng)
    T = _temperatures(rng)
    states = {"main": exchanged(thermal_pair(*T), times)}
    return World(
        times=times, states=states, declared=_believed(rng, *T), unit=float(rng.choice([1e-3, 0.159, 6.28])), **more
    )


def leakage(rng: np.random.Generator) -> World:
    """Qubits that hardly interact, while A leaves its two levels and reads 1."""
    times, more = _common(rng)
    T = _temperatures(rng)
    states = exchanged(thermal_pair(*T), times * 0.05)
    lost = float(rng.uniform(0.02, 0.2)) * times / times[-1]
    return World(
        times=times, states={"main": states}, declared=_believed(rng, *T), misread=_misreading(lost, 0 * lost), **more
    )


def readout_drift(rng: np.random.Generator) -> World:
    """Qubits at rest, while P(1|0) of one of them, or of both, grows with time."""
    times, more = _common(rng)
    T = _temperatures(rng)
    states = {"main": np.tile(thermal_pair(*T), (len(times), 1, 1))}
    grows = [float(rng.uniform(0.02, 0.1)) * times / times[-1] * (rng.random() < 0.7) for _ in range(2)]
    return World(times=times, states=states, declared=_believed(rng, *T), misread=_misreading(*grows), **more)


def equal_temperatures(rng: np.random.Generator) -> World:
    """Correlations move heat between qubits of one temperature: there is no direction to reverse."""
    times, more = _common(rng)
    T = float(rng.uniform(0.5, 3))
    states = {"main": exchanged(thermal_pair(T, T, 1j * strongest_coherence(T, T)), times)}
    declared = {"T_A": repr(T), "T_B": repr(T)} if rng.random() < 0.7 else None
    off = rng.uniform(0.0, 0.03, size=2) if declared else (0.0, 0.0)
    world = World(times=times, states=states, declared=declared, **more)
    return replace(world, misread=_constant_misreading(world, off))


def control_gains_more(rng: np.random.Generator) -> World:
    """Coherence of the forward sign; A is heated and B cooled by the device, in the control too."""
    times, more = _common(rng)
    T = _temperatures(rng)
    gone = np.stack([1 - np.exp(-0.1 * times)] * 2, axis=1)
    arms = {"main": thermal_pair(*T, -0.3j * strongest_coherence(*T)), "none": thermal_pair(*T)}
    states = {arm: relaxed(exchanged(rho, 0.2 * times), (0.5, 0.01), gone) for arm, rho in arms.items()}
    return World(times=times, states=states, declared=_believed(rng, *T), **more)


def _misreading(up_A: Array, up_B: Array) -> Array:
    """P(read | true), (points, 4, 4), where a 0 is read as 1 so often."""
    one = [np.stack([np.stack([1 - u, 0 * u], -1), np.stack([u, 1 + 0 * u], -1)], -2) for u in (up_A, up_B)]
    return np.einsum("nij,nkl->nikjl", *one).reshape(-1, 4, 4)


def _constant_misreading(world: World, up: Array | tuple[float, float]) -> Array:
    return _misreading(*(np.full(len(world.times), float(u)) for u in up))


WRONG: dict[str, Maker] = {
    "product states": product,
    "no exchange": no_exchange,
    "coherence that drives no heat, or forward": normal_phase,
    "both heated by their baths": both_heated,
    "both cooled by their baths": both_cooled,
    "one heated, one cooled by their baths": opposite_baths,
    "swapped labels": swapped_labels,
    "inverted labels": inverted_labels,
    "wrong parameters": wrong_parameters,
    "wrong unit of time": wrong_unit,
    "leakage": leakage,
    "drift of the readout": readout_drift,
    "equal temperatures": equal_temperatures,
    "the control gains as much": control_gains_more,
}
