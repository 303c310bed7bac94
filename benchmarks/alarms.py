"""How often a run warns: of clean data, by chance, and of data with one thing wrong, as it should.

    uv run python benchmarks/alarms.py [--runs 50] [--clean 300] [--page docs/alarms.md]

Counts are made here, by numpy, from exact states of an exchange (T 1.3 and 0.7, coherence 0.6 of its bound, five times
of a full turn, 6000 shots in each of nine settings, asymmetric readout of A and B, calibrated with 6000 shots a
pattern), written to a file and taken in by `hotward import` and `analyse`, each data set with the protocol and its
parameters. Without a protocol only the checks of the model and of drift are made: how often one of these warned is the
second column, but for the fit of the sweep, whose frequency would not be known there.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import tempfile
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from analysis import analyse
from analysis.statistics import ALARM
from devices.imports import import_file
from protocols import Array, compile
from protocols.heat_exchange import HeatExchange
from protocols.pauli import parse_bases

if typing.TYPE_CHECKING:
    from analysis.result import Analysis

SHOTS, TIMES = 6000, tuple(float(t) for t in np.linspace(0, np.pi / 0.1, 6)[:-1])
PARAMETERS: Mapping[str, Any] = {"T_A": 1.3, "T_B": 0.7, "correlation": "coherent", "coupling_phase": np.pi / 2}
SHARE = 0.6
"""Of the largest coherence that these temperatures allow."""
ERRORS = ((0.012, 0.024), (0.02, 0.039))
"""P(1|0) and P(0|1) of A and of B."""
BARE = {"members are states", "settings agree", "drift between passes", "drift of the readout"}
"""Checks that are made without a protocol too."""
FAST: Mapping[str, str] = dict.fromkeys(
    ("mutual_information", "discord", "concurrence", "negativity", "entropy", "purity", "coherence_relative_entropy"),
    "normal",
)
"""Intervals are not looked at here: the cheapest there are."""


@dataclass(frozen=True, kw_only=True, eq=False)
class World:
    """Probabilities before readout, how often each circuit ran, the readout, and that which was calibrated."""

    bases: tuple[str, ...]
    p: Array
    """(points, members, settings, outcomes)."""
    weight: Array
    """(points, members)."""
    repeats: Array
    """(passes, points, members, settings)."""
    readout: Array
    """P(read | true) of each pass, (passes, outcomes, outcomes)."""
    calibrated: Array
    """(calibrations, outcomes, outcomes)."""
    variance: float = 1.0
    """Of the counts, over that of a multinomial law."""


Spoil = Callable[[World, np.random.Generator], World]


# ---- clean data ----


@functools.cache
def experiment(times: Sequence[float] = TIMES, **fields: Any) -> HeatExchange:
    """The exchange with its coherence.

    Args:
        times: Of the points [hbar/gap].
        fields: Others than usual.
    """
    excited = [1 / (1 + np.exp(1 / PARAMETERS[T])) for T in ("T_A", "T_B")]
    bound = float(np.sqrt(np.prod([e * (1 - e) for e in excited])))
    return HeatExchange(time=list(times), alpha=-SHARE * bound, **{**PARAMETERS, **fields})


@functools.cache
def clean(kind: str = "one member, nine settings") -> World:
    """What should not warn.

    Args:
        kind: One of `CLEAN`.
    """
    ensemble, bases, passes = CLEAN[kind]
    p, weight, repeats = _probabilities(bases, TIMES, ensemble)
    repeats = np.stack([repeats // passes] * passes)
    known = readout(ERRORS)
    calibrations = 1 if passes == 1 else 2
    return World(
        bases=parse_bases(bases, 2),
        p=p,
        weight=weight,
        repeats=repeats,
        readout=np.stack([known] * passes),
        calibrated=np.stack([known] * calibrations),
    )


CLEAN: Mapping[str, tuple[bool, str, int]] = {
    "one member, nine settings": (False, "full", 1),
    "ensemble of four, five settings": (True, "x-state", 1),
    "one member, nine settings, four passes": (False, "full", 4),
}


def readout(errors: Sequence[Sequence[float]] | Array) -> Array:
    """P(read | true) of both qubits.

    Args:
        errors: P(1|0) and P(0|1) of each.
    """
    first, other = (np.array([[1 - up, down], [up, 1 - down]]) for up, down in errors)
    return np.kron(first, other)


@functools.cache
def _probabilities(bases: str, times: tuple[float, ...], ensemble: bool) -> tuple[Array, Array, Array]:
    """Exact probabilities (points, members, settings, 4), weights and shots; one member: those of the mixture."""
    made = experiment(times)
    program = compile(made, made.points({}, reference="nominal"), shots=SHOTS, bases=bases)
    points, members = len(times), 1 + max(block.setting.member for block in program.blocks)
    p = np.zeros((points, members, len(program.bases), 4))
    weight, repeats = np.zeros(p.shape[:2]), np.zeros(p.shape[:3], dtype=int)
    for block in program.blocks:
        here = block.point, block.setting.member, program.bases.index(block.setting.basis)
        p[here], repeats[here] = block.probabilities, block.repeats * program.shots_per_row
        weight[here[:2]] = block.weight
    if ensemble:
        return p, weight, repeats
    mixture = np.einsum("cm,cmso->cso", weight, p)[:, None]
    return mixture, np.ones((points, 1)), np.full(mixture.shape[:3], SHOTS)


# ---- one thing wrong ----


def as_it_is(world: World, rng: np.random.Generator) -> World:
    """Nothing wrong."""
    return world


def exchanged_calibrations(world: World, rng: np.random.Generator) -> World:
    """Those of A and B."""
    return replace(world, calibrated=readout(ERRORS[::-1])[None])


def errors_twice_the_calibrated(world: World, rng: np.random.Generator) -> World:
    """Readout errors grew after the calibration."""
    return replace(world, readout=readout(2 * np.array(ERRORS))[None])


def other_state_in_half_of_the_settings(world: World, rng: np.random.Generator) -> World:
    """Omega t + 0.1 in a random half, the same at every point."""
    half = rng.permutation(len(world.bases)) < len(world.bases) // 2
    return replace(world, p=np.where(half[:, None], _later(), world.p))


def other_state_now_and_then(world: World, rng: np.random.Generator) -> World:
    """Omega t + 0.1 in half of all circuits, by chance."""
    return replace(world, p=np.where(rng.random(world.p.shape[:3])[..., None] < 0.5, _later(), world.p))


def _later() -> Array:
    """A tenth of a radian of Omega t later."""
    return _probabilities("full", tuple(t + 0.1 / 0.1 for t in TIMES), False)[0]


def twice_the_variance(world: World, rng: np.random.Generator) -> World:
    """Dirichlet-multinomial counts."""
    return replace(world, variance=2.0)


def crosstalk(world: World, rng: np.random.Generator) -> World:
    """Rotating A before its readout, in X and Y, turns B by 0.1 rad about the same axis."""
    from protocols.pauli import outcome_probabilities

    # X is read after a rotation about Y, and Y after one about X
    axis = {"X": np.array([[0, -1j], [1j, 0]]), "Y": np.array([[0, 1], [1, 0]], dtype=complex)}
    states = experiment().state(experiment().points())
    found = world.p.copy()
    for s, basis in enumerate(world.bases):
        if basis[0] in axis:
            turn = np.kron(np.eye(2), np.cos(0.05) * np.eye(2) - 1j * np.sin(0.05) * axis[basis[0]])
            found[:, 0, s] = outcome_probabilities(turn @ states @ turn.conj().T, basis)
    return replace(world, p=found)


def leakage(world: World, rng: np.random.Generator) -> World:
    """3 % of A at the last time, reading 1 in every basis."""
    found = world.p.copy()
    lost = 0.03 * found[-1, ..., :2]
    found[-1, ..., :2] -= lost
    found[-1, ..., 2:] += lost
    return replace(world, p=found)


def readout_drift(world: World, rng: np.random.Generator) -> World:
    """Readout errors that double over four passes, calibrated before and after."""
    grown = [readout(factor * np.array(ERRORS)) for factor in np.linspace(1, 2, 4)]
    return replace(world, readout=np.stack(grown), calibrated=np.stack([grown[0], grown[-1]]))


def warmer(world: World, rng: np.random.Generator) -> World:
    """T_A is 1.5, not 1.3 as declared."""
    hot = experiment(T_A=1.5)
    program = compile(hot, hot.points(), shots=SHOTS, bases="full")
    found = np.zeros_like(world.p)
    for block in program.blocks:
        where = block.point, 0, program.bases.index(block.setting.basis)
        found[where] += block.weight[:, None] * block.probabilities
    return replace(world, p=found)


WRONG: Mapping[str, tuple[Spoil, str]] = {
    "calibrations of A and B exchanged": (exchanged_calibrations, "one member, nine settings"),
    "true readout errors twice the calibrated ones": (errors_twice_the_calibrated, "one member, nine settings"),
    "Omega t + 0.1 in a random half of the settings": (
        other_state_in_half_of_the_settings,
        "one member, nine settings",
    ),
    "Omega t + 0.1 in a random half of all circuits": (other_state_now_and_then, "one member, nine settings"),
    "variance of the counts x 2": (twice_the_variance, "one member, nine settings"),
    "crosstalk of 0.1 rad": (crosstalk, "one member, nine settings"),
    "3 % of A leaks by the last time": (leakage, "one member, nine settings"),
    "readout errors double over four passes": (readout_drift, "one member, nine settings, four passes"),
    "T_A is 1.5, declared 1.3": (warmer, "one member, nine settings"),
}


# ---- from a world to its warnings ----


def analysed(world: World, rng: np.random.Generator, folder: Path) -> Analysis:
    """Draws counts, writes them to a file, imports and analyses it.

    Args:
        world: What they follow.
        rng: Of the counts.
        folder: For the file and the run.
    """
    path = folder / "counts.csv"
    path.write_text(_file(world, rng))
    fields = {one.name: getattr(experiment(), one.name) for one in dataclasses.fields(HeatExchange) if one.init}
    record = import_file(
        path, protocol=HeatExchange, build=lambda columns: HeatExchange(**{**fields, **columns}), runs=folder / "runs"
    )
    return analyse(record, draws=2, intervals=FAST)


def _file(world: World, rng: np.random.Generator) -> str:
    lines = ["time,pass,member,weight,basis,prepared,A,B,count"]
    for number, (repeats, read) in enumerate(zip(world.repeats, world.readout, strict=True)):
        p = world.p @ read.T
        if world.variance > 1:
            p = _dispersed(p, repeats, world.variance, rng)
        counts = rng.multinomial(repeats, np.maximum(p, 0) / p.sum(axis=-1, keepdims=True))
        for (i, m, s), shots in np.ndenumerate(repeats):
            if world.weight[i, m] <= 0 or not shots:
                continue
            head = f"{TIMES[i]!r},{number},{m},{float(world.weight[i, m])!r},{world.bases[s]},,"
            lines += [f"{head}{k >> 1},{k & 1},{counts[i, m, s, k]}" for k in range(4)]
    for number, read in enumerate(world.calibrated):
        counts = rng.multinomial(SHOTS // len(world.calibrated), read.T)
        lines += [
            f",{number},,,cal,{j >> 1}{j & 1},{k >> 1},{k & 1},{counts[j, k]}" for j in range(4) for k in range(4)
        ]
    return "\n".join(lines) + "\n"


def _dispersed(p: Array, shots: Array, variance: float, rng: np.random.Generator) -> Array:
    """Probabilities of a Dirichlet law, so that counts scatter by 1 + (N - 1)/(a + 1) times their multinomial law."""
    total = (shots - 1) / (variance - 1) - 1
    drawn = rng.gamma(np.maximum(total[..., None] * p, 1e-12))
    return drawn / drawn.sum(axis=-1, keepdims=True)


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How often runs of one kind warned."""

    runs: int
    warned: int
    bare: int
    """By checks that are made without a protocol."""
    failed: Mapping[str, int]
    """Check -> how often it was behind a warning."""


def tally(kind: str, spoil: Spoil, runs: int, seed: int) -> Tally:
    """Simulates runs of one kind.

    Args:
        kind: Of clean data that is spoilt.
        spoil: What goes wrong.
        runs: How many.
        seed: Of all of them.
    """
    warned, bare, failed = 0, 0, dict[str, int]()
    for number in range(runs):
        rng = np.random.default_rng([seed, number])
        with tempfile.TemporaryDirectory() as folder:
            found = analysed(spoil(clean(kind), rng), rng, Path(folder))
        behind = [check.name for check in found.checks if check.passed is False and check.about]
        warned += bool(found.warnings)
        bare += bool(BARE & {*behind})
        for name in behind:
            failed[name] = failed.get(name, 0) + 1
    return Tally(runs=runs, warned=warned, bare=bare, failed=failed)


def page(without: Mapping[str, Tally], spoilt: Mapping[str, Tally]) -> str:
    """The page of the documentation.

    Args:
        without: Kind of clean data -> how often it warned.
        spoilt: What was wrong -> the same.
    """
    lines = [
        "# How often a run warns",
        "",
        "Made by `uv run python benchmarks/alarms.py`, which says how the data are made. A check raises a",
        f"concern in at most {ALARM:.1%} of clean runs; all that can warn together, in 1 to 2 %.",
        "",
        "| data | runs | warned | without a protocol | checks behind it |",
        "|---|---|---|---|---|",
    ]
    for named in ({f"clean: {kind}": one for kind, one in without.items()}, spoilt):
        for name, one in named.items():
            behind = sorted(one.failed.items(), key=lambda item: -item[1])
            said = ", ".join(f"{check} {number}" for check, number in behind)
            lines.append(f"| {name} | {one.runs} | {one.warned} | {one.bare} | {said} |")
    total, alarms = (sum(getattr(one, field) for one in without.values()) for field in ("runs", "warned"))
    lines += ["", f"Of clean runs {alarms} of {total} warned."]
    return "\n".join(lines) + "\n"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--clean", type=int, default=300)
    parser.add_argument("--page", type=Path, default=Path("docs/alarms.md"))
    chosen = parser.parse_args()
    each = chosen.clean // len(CLEAN)
    without = {kind: tally(kind, as_it_is, each, seed) for seed, kind in enumerate(CLEAN)}
    spoilt = {
        name: tally(kind, spoil, chosen.runs, 100 + seed) for seed, (name, (spoil, kind)) in enumerate(WRONG.items())
    }
    chosen.page.write_text(page(without, spoilt))


if __name__ == "__main__":
    main()
