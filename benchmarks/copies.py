"""How often the interval of a mean over copies holds, and how often equal copies seem unequal.

    uv run python benchmarks/copies.py [--runs 400] [--equal 2000] [--states 200]

Counts are made here, by numpy: an exchange of the default temperatures at the time of most heat, read in Z with the
four members of its ensemble, once at time 0 and once there. Every copy loses some of what its hot qubit gained: its
heat is off by -0.0056 gap, and by 0.0019 more or less (the spread of the couplers of `fake_fez`, of a normal law or of
a skewed one), and has a readout of its own, calibrated with as many shots. What is to be covered is the mean of all
couplers that there are. Beside the random-effects mean stand two that are wrong: fixed weights, which take the spread
for none, and weights of one over each copy's own variance, which rise and fall with its value.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.copies import Apart, OneCopy, Pooled, estimated, linear_of, pooled_estimates, smoothed, with_own_readout
from analysis.data import Counts
from analysis.estimate_arrays import Name
from analysis.evaluation import SweepSetup, evaluate, exact_estimates, setup_of
from analysis.intervals import NORMAL_95, Cells, Methods, view
from analysis.quantities.observables import catalogue
from analysis.statistics import PooledMean, random_effects
from protocols import Array, Observable
from protocols.heat_exchange import HeatExchange
from protocols.pauli import outcome_probabilities

TIME = 7.05
"""Of most heat into A."""
COMMON, SPREAD = -0.0056, 0.0019
"""Error of the heat that all couplers have, and its spread over them [gap]."""
FLIPS = (0.004, 0.03)
"""Between which every P(1|0) and P(0|1) lies."""
LAWS = ("normal", "skewed")


@dataclass(frozen=True, kw_only=True)
class World:
    """What is measured."""

    copies: int
    shots: int
    """Of each copy, in Z, of all members together; and of each pattern of the calibration."""
    spread: float = SPREAD
    law: str = "normal"


@dataclass(frozen=True, kw_only=True, eq=False)
class Simulated:
    """The heat of all copies of many runs, (copies, runs) each."""

    heat: OneCopy
    resolution: Array
    truth: float
    """Of the mean over all couplers that there are."""

    @property
    def pooled(self) -> PooledMean:
        """As an analysis pools it, (runs,)."""
        return random_effects(self.heat.value, smoothed(self.heat.variance, self.resolution))

    @property
    def own_weights(self) -> PooledMean:
        """With the variance of each copy as it was estimated: planted."""
        return random_effects(self.heat.value, self.heat.variance)

    @property
    def fixed(self) -> tuple[Array, Array]:
        """Ends of the interval of fixed weights: planted."""
        weight = 1 / smoothed(self.heat.variance, self.resolution)
        mean, reach = (
            (weight * self.heat.value).sum(axis=0) / weight.sum(axis=0),
            NORMAL_95 / np.sqrt(weight.sum(axis=0)),
        )
        return mean - reach, mean + reach

    def covered(self, low: Array, high: Array) -> float:
        """Share of the runs whose interval holds the truth."""
        return float(((low <= self.truth) & (self.truth <= high)).mean())


def exchange() -> tuple[Array, Array]:
    """Weights of the members, and probabilities of 00, 01, 10, 11 at time 0 and at `TIME`, (members, 2, 4)."""
    experiment = HeatExchange(time=[0.0, TIME])
    before, _ = experiment.state(experiment.points({}, reference="nominal"))
    weight, vectors = np.linalg.eigh(before)
    after = _swap(experiment) @ vectors
    return weight, np.stack([np.abs(vectors.T) ** 2, np.abs(after.T) ** 2], axis=1)


def _swap(experiment: HeatExchange) -> Array:
    """A partial swap of the excitation: exp(-i H t) of both states of one excitation."""
    turn, phase = experiment.coupling * TIME, np.exp(1j * experiment.coupling_phase)
    swap = np.eye(4, dtype=complex)
    swap[1:3, 1:3] = [[np.cos(turn), -1j * phase * np.sin(turn)], [-1j * phase.conj() * np.sin(turn), np.cos(turn)]]
    return swap


def simulated(world: World, runs: int, generator: np.random.Generator) -> Simulated:
    """Many runs of a world, as one table of counts whose cells are run, copy and time.

    Args:
        world: What is measured.
        runs: How often.
        generator: Random numbers.
    """
    weight, exact = exchange()
    gained = float(weight @ (exact[:, 1, 2:].sum(axis=1) - exact[:, 0, 2:].sum(axis=1)))
    number = runs * world.copies
    lost = -_biases(world, number, generator) / float(weight @ exact[:, 1, 2])
    p = np.broadcast_to(exact, (number, *exact.shape)).copy()
    moved = np.clip(lost, 0, 1)[:, None] * p[:, :, 1, 2]
    p[:, :, 1, 2] -= moved
    p[:, :, 1, 0] += moved
    read = _readouts(number, generator)
    shots = np.maximum(np.rint(weight * world.shots), 1).astype(np.int64)
    observed = generator.multinomial(shots[None, :, None], np.einsum("nij,nmtj->nmti", read, p))
    calibration = generator.multinomial(world.shots, np.swapaxes(read, -1, -2))
    cells = 2 * number
    counts = Counts(
        bases=("ZZ",),
        observed=np.swapaxes(observed, 1, 2).reshape(cells, len(weight), 1, 4),
        weight=np.tile(weight, (cells, 1)),
        calibration=np.repeat(calibration, 2, axis=0),
    )
    heat = [o for o in catalogue(("A", "B"), "AB", (), HeatExchange) if o.key == ("heat", "A")]
    view = Cells(
        parameters={name: np.zeros(cells) for name in ("T_A", "T_B")},
        state=None,
        before=None,
        registers={},
        registers_before={},
        home=np.repeat(2 * np.arange(number), 2),
    )
    found = linear_of(heat, counts, view, Methods())["heat", "A"]

    def by_copy(cell: Array) -> Array:
        return cell.reshape(runs, world.copies, 2)[:, :, 1].T

    return Simulated(
        heat=OneCopy(value=by_copy(found.value), variance=by_copy(found.variance)),
        resolution=by_copy(counts.frequencies.resolution),
        truth=gained + COMMON,
    )


def _biases(world: World, number: int, generator: np.random.Generator) -> Array:
    """Error of the heat of every copy."""
    normal = world.law == "normal"
    scatter = generator.normal(size=number) if normal else 1 - generator.exponential(size=number)
    return COMMON + world.spread * scatter


def _readouts(number: int, generator: np.random.Generator) -> Array:
    """P(read | true) of two qubits of every copy, (copies, 4, 4)."""
    up, down = generator.uniform(*FLIPS, size=(2, 2, number))
    one = np.moveaxis(np.array([[1 - up, down], [up, 1 - down]]), (0, 1), (-2, -1))
    return np.einsum("nij,nkl->nikjl", one[0], one[1]).reshape(number, 4, 4)


def heterogeneous(runs: int) -> Iterator[tuple[World, Simulated]]:
    """Copies that differ.

    Args:
        runs: How often each world is simulated.
    """
    for law in LAWS:
        for copies in (3, 8, 40):
            for shots in (4000, 10_000, 20_000):
                world = World(copies=copies, shots=shots, law=law)
                seed = [2023, copies, shots, LAWS.index(law)]
                yield world, simulated(world, runs, np.random.default_rng(seed))


# ---- functions of the state ----

SHOWN = (
    ("heat", "A"),
    ("effective_temperature", "A"),
    ("entropy", "A"),
    ("entropy", "AB"),
    ("mutual_information", "AB"),
    ("concurrence", "AB"),
    ("discord", "A"),
    ("purity", "AB"),
)
BASES = tuple(a + b for a in "XYZ" for b in "XYZ")
LOST, LOST_SPREAD = 0.02, 0.01
"""Share of white noise in the states of a copy, and its spread."""


def of_states(copies: int, shots: int, runs: int, seed: int) -> dict[Name, tuple[str, float, float]]:
    """Coverage of quantities of the state at both times: how each was pooled, and the share of intervals that hold.

    The truth is the quantity of the mean state: what both ways estimate, but for the curvature over the spread.

    Args:
        copies: How many.
        shots: Of each setting.
        runs: How often.
        seed: Of the random numbers.
    """
    generator = np.random.default_rng(seed)
    experiment = HeatExchange(time=[0.0, TIME])
    points = experiment.points({}, reference="nominal")
    points = replace(points, reference=np.zeros(2, dtype=int))
    weight, vectors = np.linalg.eigh(experiment.state(points)[0])
    members = np.stack([vectors.T, (_swap(experiment) @ vectors).T])  # (times, members, 4)
    pure = np.einsum("tmi,tmj->tmij", members, members.conj())
    mean = (1 - LOST) * np.einsum("m,tmij->tij", weight, pure) + LOST * np.eye(4) / 4
    cells = view(points, 1, mean[None], mean[None][:, [0, 0]])
    observables = [o for o in catalogue(("A", "B"), "AB", (), HeatExchange) if o.key in SHOWN]
    truth = exact_estimates(observables, cells, points, ("main",), "time")
    setup = replace(setup_of(None, points, ("main",), "time", ("A", "B")), oscillates=False)
    held = {name: np.zeros(2) for name in SHOWN}
    how = dict.fromkeys(SHOWN, "")
    for _ in range(runs):
        each = [_counts(pure, weight, shots, generator) for _ in range(copies)]
        pooled = _pooled(each, cells, setup, observables)
        for name in SHOWN:
            one, exact = pooled[name], truth.quantities[name].ideal[0]
            held[name] += (one.low[0] <= exact + 1e-12) & (exact - 1e-12 <= one.high[0])
            how[name] = one.how
    return {name: (how[name], *(held[name] / runs).tolist()) for name in SHOWN}


def _pooled(
    each: Sequence[Counts], cells: Cells, setup: SweepSetup, observables: Sequence[Observable]
) -> Mapping[Name, Pooled]:
    """The mean over copies, as an analysis makes it."""
    methods = Methods(draws=50)
    total = replace(
        each[0],
        observed=np.sum([one.observed for one in each], axis=0),
        calibration=np.sum([one.calibration for one in each], axis=0),
    )
    total = with_own_readout(total, each)
    summed = evaluate(total, cells, setup, observables, methods)
    apart = estimated(Apart(records=(), data=tuple(each)), cells, setup, observables, methods)
    return pooled_estimates(summed.estimates, total, apart, cells, methods)[1]


def _counts(pure: Array, weight: Array, shots: int, generator: np.random.Generator) -> Counts:
    """One copy: its white noise, its readout, its counts."""
    lost = float(np.clip(LOST + LOST_SPREAD * generator.normal(), 0, 1))
    read = _readouts(1, generator)[0]
    states = (1 - lost) * pure + lost * np.eye(4) / 4
    p = np.stack([outcome_probabilities(states, basis) for basis in BASES], axis=-2) @ read.T
    often = np.maximum(np.rint(weight * shots), 1).astype(np.int64)
    p = np.maximum(p, 0) / np.maximum(p, 0).sum(axis=-1, keepdims=True)
    return Counts(
        bases=BASES,
        observed=generator.multinomial(often[None, :, None], p),
        weight=np.tile(weight, (2, 1)),
        calibration=generator.multinomial(shots, read.T),
    )


def main() -> None:
    """Prints all tables."""
    parser = argparse.ArgumentParser(description="Coverage of means over copies.")
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--equal", type=int, default=2000)
    parser.add_argument("--states", type=int, default=0, help="runs of full tomography (4 s each)")
    asked = parser.parse_args()
    print("law     copies  shots  stderr   covered  fixed weights  own weights  seen (p < 0.05)")
    for world, found in heterogeneous(asked.runs):
        pooled, own = found.pooled, found.own_weights
        print(
            f"{world.law:7s} {world.copies:6d} {world.shots:6d}  {pooled.stderr.mean():.5f}  "
            f"{found.covered(pooled.low, pooled.high):7.3f}  {found.covered(*found.fixed):13.3f}  "
            f"{found.covered(own.low, own.high):11.3f}  {(pooled.p < 0.05).mean():15.3f}"
        )
    print("\nequal copies: size of Q at 5 %, and how far each mean is off, in its standard errors")
    for copies, shots in ((8, 4000), (40, 200), (40, 400), (40, 10_000)):
        world = World(copies=copies, shots=shots, spread=0.0)
        found = simulated(world, asked.equal, np.random.default_rng([2024, copies, shots]))
        off = [float(((one.value - found.truth) / one.stderr).mean()) for one in (found.pooled, found.own_weights)]
        size = [float((one.p < 0.05).mean()) for one in (found.pooled, found.own_weights)]
        print(
            f"{copies:3d} copies, {shots:6d} shots: size {size[0]:.4f} (own weights {size[1]:.4f}), off {off[0]:+.3f}"
        )
        print(f"{'':24s} own weights off {off[1]:+.3f}")
    if asked.states:
        print("\nquantities of the state, 95 % intervals of the mean of 8 copies, 2000 shots a setting")
        for name, (how, start, later) in of_states(8, 2000, asked.states, 2025).items():
            print(f"{' '.join(name):28s} {how:14s} covered {start:.3f} at time 0, {later:.3f} at time {TIME}")


if __name__ == "__main__":
    main()
