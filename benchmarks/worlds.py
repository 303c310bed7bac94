"""What the verdict says of worlds that are not what they are taken for, and how often it claims what is there.

    uv run python benchmarks/worlds.py [--wrong 12] [--right 10] [--out docs/worlds.md]

A *wrong world* is a pair in which no heat goes from a cold qubit into a hot one, or whose data are not what their
labels say: qubits that each exchange heat with a bath of their own, swapped or inverted labels in some bases or in
all, wrong parameters, a wrong unit of time, leakage, readout that drifts, equal temperatures, product states, no
exchange at all.
Counts are drawn from the exact probabilities of states that are made here, written as a file, and imported as a user
imports them, with the protocol that the user believes in or without any. `--wrong` worlds of each kind are drawn, each
with parameters of its own.

A *right world* is heat-exchange with correlations that reverse it, weak to strong, on exact and noisy devices, run or
imported. The share of runs that claim the reversal stands beside the power that the plan states for the same request.
"""

from __future__ import annotations

import argparse
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from analysis import analyse
from analysis.verdict import Kind
from devices.imports import import_file
from protocols import Array
from protocols.heat_exchange import HeatExchange
from protocols.pauli import outcome_probabilities
from protocols.program import build

CLAIMS = (Kind.REVERSED, Kind.FORWARD_THEN_REVERSED)
OMEGA = 0.1
SETTINGS = {"ZZ": ("ZZ",), "5": ("ZZ", "XX", "YY", "XY", "YX"), "9": tuple(a + b for a in "XYZ" for b in "XYZ")}
SWAP = np.eye(4)[[0, 2, 1, 3]]


@dataclass(frozen=True, kw_only=True, eq=False)
class World:
    """A pair as it is, and what its data are taken for."""

    times: Array
    """(points,) the first is 0."""
    states: Mapping[str, Array]
    """Arm -> (points, 4, 4), as the qubits are when they are read."""
    settings: tuple[str, ...]
    shots: int
    declared: Mapping[str, str] | None = None
    """Parameters of heat-exchange that the user believes in; None: imported without a protocol."""
    inverted: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Setting -> qubits whose bits are upside down in it."""
    swapped: tuple[str, ...] = ()
    """Settings whose two columns are exchanged."""
    misread: Array | None = None
    """(points, 4, 4) P(read | true), which no calibration knows of."""
    unit: float = 1.0
    """By which the times of the file are off."""


Maker = Callable[[np.random.Generator], World]


# ---- physics: states, exchange, baths ----


def thermal_pair(T_A: float, T_B: float, coherence: complex = 0.0) -> Array:
    """Gibbs states of two qubits of gap 1, with rho_{01,10} = coherence."""
    p = [1 / (1 + np.exp(1 / T)) for T in (T_A, T_B)]
    rho = np.kron(np.diag([1 - p[0], p[0]]), np.diag([1 - p[1], p[1]])).astype(complex)
    rho[1, 2], rho[2, 1] = coherence, np.conj(coherence)
    return rho


def exchanged(rho: Array, times: Array) -> Array:
    """U(t) rho U(t)^+ under V = Omega(|01><10| + h.c.), core of Holdsworth and Kawai, PRA 106, 062604."""
    c, s = np.cos(OMEGA * times), np.sin(OMEGA * times)
    U = np.tile(np.eye(4, dtype=complex), (len(times), 1, 1))
    U[:, 1, 1], U[:, 2, 2], U[:, 1, 2], U[:, 2, 1] = c, c, -1j * s, -1j * s
    return U @ rho @ np.swapaxes(U.conj(), 1, 2)


def relaxed(states: Array, toward: tuple[float, float], gone: Array) -> Array:
    """Each qubit in contact with a bath of its own: generalised amplitude damping.

    Args:
        states: (points, 4, 4).
        toward: Excited population of each bath.
        gone: Fraction of the way, (points, 2).
    """
    found = states
    for qubit, p in enumerate(toward):
        g = gone[:, qubit, None, None]
        root = np.sqrt(1 - g)
        kraus = [
            np.sqrt(1 - p) * (np.diag([1.0, 0.0]) + root * np.diag([0.0, 1.0])),
            np.sqrt(1 - p) * np.sqrt(g) * np.array([[0.0, 1.0], [0.0, 0.0]]),
            np.sqrt(p) * (root * np.diag([1.0, 0.0]) + np.diag([0.0, 1.0])),
            np.sqrt(p) * np.sqrt(g) * np.array([[0.0, 0.0], [1.0, 0.0]]),
        ]
        whole = [_on(qubit, K) for K in kraus]
        found = sum((K @ found @ np.swapaxes(K, 1, 2) for K in whole), np.zeros(()))
    return found


def _on(qubit: int, K: Array) -> Array:
    one = np.eye(2)[None]
    left, right = (K, one) if qubit == 0 else (one, K)
    return np.einsum("nij,mkl->nmikjl", left, right).reshape(-1, 4, 4)


def _strongest(T_A: float, T_B: float) -> float:
    """Of the coherence of a pair whose other moments are those of the product: sqrt(lambda_2 lambda_3)."""
    rho = thermal_pair(T_A, T_B).real
    return float(np.sqrt(rho[1, 1] * rho[2, 2]))


# ---- wrong worlds ----


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
    rho = thermal_pair(*T, 1j * _strongest(*T))
    return World(times=times, states={"main": np.tile(rho, (len(times), 1, 1))}, declared=_believed(rng, *T), **more)


def normal_phase(rng: np.random.Generator) -> World:
    """Coherence that drives no energy, delta = 0, or drives it forward, within a quarter of a turn."""
    times, more = _common(rng)
    times = times * 7.0 / times[-1]
    T = _temperatures(rng)
    coherence = _strongest(*T) * (1.0 if rng.random() < 0.5 else -1j)
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
    coherence = 1j * _strongest(*T) if reverse else 0.0
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
    coherence = 1j * _strongest(*T) if reverse else 0.0
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
    states = {"main": exchanged(thermal_pair(T, T, 1j * _strongest(T, T)), times)}
    declared = {"T_A": repr(T), "T_B": repr(T)} if rng.random() < 0.7 else None
    off = rng.uniform(0.0, 0.03, size=2) if declared else (0.0, 0.0)
    world = World(times=times, states=states, declared=declared, **more)
    return replace(world, misread=_constant_misreading(world, off))


def control_gains_more(rng: np.random.Generator) -> World:
    """Coherence of the forward sign; A is heated and B cooled by the device, in the control too."""
    times, more = _common(rng)
    T = _temperatures(rng)
    gone = np.stack([1 - np.exp(-0.1 * times)] * 2, axis=1)
    arms = {"main": thermal_pair(*T, -0.3j * _strongest(*T)), "none": thermal_pair(*T)}
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


# ---- what is said of them ----


def rows_of(world: World, rng: np.random.Generator) -> str:
    """A file as a user has it: time, arm, basis, A, B, count."""
    lines = ["time,arm,basis,A,B,count"]
    for arm, states in world.states.items():
        for basis in world.settings:
            p = np.clip(outcome_probabilities(states, basis), 0, None)
            p = p / p.sum(axis=-1, keepdims=True)
            if world.misread is not None:
                p = np.einsum("nij,nj->ni", world.misread, p)
            p = p @ SWAP if basis in world.swapped else p
            flips = sum(2 >> qubit for qubit in world.inverted.get(basis, ()))
            p = p[:, np.arange(4) ^ flips]
            for time, row in zip(world.times * world.unit, rng.multinomial(world.shots, p), strict=True):
                lines += [f"{float(time)!r},{arm},{basis},{o >> 1},{o & 1},{n}" for o, n in enumerate(row)]
    return "\n".join(lines) + "\n"


def headline_of(world: World, rng: np.random.Generator, folder: Path) -> tuple[Kind, str]:
    """What the analysis of the imported file says first."""
    path = folder / "counts.csv"
    path.write_text(rows_of(world, rng))
    bases = {1: None, 5: "x-state", 9: "full"}[len(world.settings)]
    how = {}
    if world.declared is not None:
        declared = dict(world.declared)
        how = {
            "protocol": HeatExchange,
            "build": lambda given: build(
                HeatExchange, {**declared, **{name: repr(float(x)) for name, x in given.items()}}
            ),
        }
    record = import_file(path, bases=bases, runs=folder / "runs", **how)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = analyse(record, draws=2)
    return found.verdict.kind, found.headline


def wrong_worlds(number: int, seed: int = 17) -> dict[str, list[tuple[Kind, str]]]:
    """What is said of `number` worlds of every kind.

    Args:
        number: Of each kind.
        seed: Of parameters and counts.
    """
    said: dict[str, list[tuple[Kind, str]]] = {}
    for which, (name, maker) in enumerate(WRONG.items()):
        for k in range(number):
            rng = np.random.default_rng([seed, which, k])
            with tempfile.TemporaryDirectory() as folder:
                said.setdefault(name, []).append(headline_of(maker(rng), rng, Path(folder)))
    return said


def main() -> None:
    """Prints and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wrong", type=int, default=16, help="worlds of each kind")
    asked = parser.parse_args()
    for name, found in wrong_worlds(asked.wrong).items():
        print(name, dict(Counter(kind.value for kind, _ in found)), flush=True)
        for kind, text in found:
            if kind in CLAIMS:
                print("   CLAIM", text)
        print("   e.g.", found[0][1])


if __name__ == "__main__":
    main()
