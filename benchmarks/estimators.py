"""States of a whole sweep with error bars: hotward beside the tools one would take instead, side by side in one run.

    uv run python benchmarks/estimators.py [--rounds 3] [--draws 200] [--set time=0:5*pi:22] [--only hotward,...]

Every tool gets the same counts, runs in a process of its own and, but for hotward, in an environment made for it here;
tools take turns in rounds. hotward estimates every point; a slow tool a few in each round, others in the next, scaled
to the sweep. One that cannot be installed or does not run is left out, in one line. The last line is the memory that a
million linear inversions take.

Ratios hold across machines; seconds do not. docs/estimators.md has the table and what the bars of each tool are.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analysis.data import Counts, read
from devices import execute, open_device
from protocols import Array, RequestError, compile
from protocols.heat_exchange import HeatExchange
from protocols.program import build

SWEEP = {
    "T_A": "2",
    "T_B": "1",
    "correlation": "coherent",
    "alpha": "-0.19",
    "coupling_phase": "pi/2",
    "time": "0:5*pi:22",
}
"""22 angles of a partial swap from 0 to pi; states inside state space, so that no tool is
slowed down by its boundary."""
FITS, MEMORY = 1_000_000, 1024
"""Linear inversions at once, and the MiB that they may take."""


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One way from counts to states with error bars."""

    name: str
    script: str
    method: str
    packages: tuple[str, ...] = ()
    """What its environment has; empty: the one that this runs in."""
    points: int | None = None
    """Of the sweep in one round; None: all."""
    target: float | None = None
    """How many times longer than hotward it is meant to take at least."""


QISKIT = ("qiskit-experiments==0.14.2", "cvxpy==1.9.3", "qiskit==2.6.2", "numpy==2.4.6", "scipy==1.17.1")
# its fit raises an error with numpy 2.4
KWIAT = ("Quantum-Tomography==1.2.0", "numpy==2.3.5", "scipy==1.17.1")
TOOLS = (
    Tool(name="hotward", script="estimators_hotward.py", method="maximum-likelihood"),
    Tool(
        name="hotward, linear inversion",
        script="estimators_hotward.py",
        method="linear-inversion",
    ),
    Tool(
        name="hotward, three quantities",
        script="estimators_hotward.py",
        method="maximum-likelihood:energy,mutual_information,concurrence",
    ),
    Tool(
        name="qiskit-experiments, linear inversion",
        script="estimators_qiskit.py",
        method="linear_inversion",
        packages=QISKIT,
        points=3,
        target=100,
    ),
    Tool(
        name="qiskit-experiments, cvxpy",
        script="estimators_qiskit.py",
        method="cvxpy_gaussian_lstsq",
        packages=QISKIT,
        points=2,
        target=500,
    ),
    Tool(name="Kwiat library", script="estimators_kwiat.py", method="MLE", packages=KWIAT, points=1, target=1500),
)


@dataclass(frozen=True, kw_only=True)
class Timing:
    """One round of one tool."""

    seconds: float
    """Of the whole sweep, scaled from the points timed."""
    cpu: float
    """The same, of all its threads."""
    timed: int
    """Points."""
    states: Mapping[int, Array]
    bars: tuple[str, ...]
    """Quantities that it gave an error bar."""


class LeftOut(Exception):
    """A tool that cannot be installed or does not run; the message says why in one line."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Times every tool and prints the table."""
    try:
        asked = _asked(arguments)
        tools = _chosen(asked.only)
        with tempfile.TemporaryDirectory() as directory:
            points = len(write_sweep(Path(directory), {**SWEEP, **_pairs(asked.set)}, asked.shots, asked.seed))
            taken = rounds(tools, Path(directory), asked, points)
        lines = [*table(taken), "", memory(asked.fits)] if asked.fits else table(taken)
    except RequestError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    print(
        f"{points} points, nine settings of {asked.shots} shots, {asked.draws} draws; medians of {asked.rounds} rounds"
    )
    print("\n".join(lines))


def write_sweep(directory: Path, values: Mapping[str, str], shots: int, seed: int) -> Array:
    """Measures a sweep on the exact device and writes it down for every tool; returns the exact states.

    The preparation is purified: one state and `shots` counts a setting, which is all that other tools can read.

    Raises:
        RequestError: For values that are no heat exchange.
    """
    experiment = build(HeatExchange, dict(values))
    program = compile(experiment, experiment.points({"preparation": "purified"}), shots=shots)
    record = execute(program, open_device("exact"), runs=directory / "runs", seed=seed)
    data = read(record, readout_correction=True)
    assert isinstance(data, Counts)
    exact = record.ideal()["state"][0]
    np.savez(directory / "counts.npz", bases=np.array(data.bases), counts=data.observed[:, 0], exact=exact)
    (directory / "values.json").write_text(json.dumps(dict(values)))
    (directory / "run").write_text(str(record.path.resolve()))
    return exact


def rounds(tools: Sequence[Tool], directory: Path, asked: argparse.Namespace, points: int) -> dict[Tool, list[Timing]]:
    """The timings of every tool; one that fails is said to, and left out."""
    pythons = environments(tools, directory)
    taken: dict[Tool, list[Timing]] = {tool: [] for tool in tools}
    order = np.random.default_rng(asked.seed).permutation(points)
    for turn in range(asked.rounds):
        for tool in list(taken):
            count = points if asked.whole or tool.points is None else min(tool.points, points)
            some = [int(order[(turn * count + i) % points]) for i in range(count)]
            try:
                python = pythons[tool.packages]
                if isinstance(python, LeftOut):
                    raise python
                taken[tool].append(timed(tool, python, directory, asked.draws, some, points))
            except LeftOut as reason:
                print(f"{tool.name} is left out: {reason}", flush=True)
                del taken[tool]
                continue
            print(f"round {turn + 1}: {tool.name}, {taken[tool][-1].seconds:.3g} s", file=sys.stderr, flush=True)
    return taken


def environments(tools: Sequence[Tool], directory: Path) -> dict[tuple[str, ...], Path | LeftOut]:
    """The interpreters that the tools need, or why there is none."""
    made: dict[tuple[str, ...], Path | LeftOut] = {(): Path(sys.executable)}
    for tool in tools:
        if tool.packages not in made:
            try:
                made[tool.packages] = environment(tool.packages, directory / f"environment-{len(made)}")
            except LeftOut as reason:
                made[tool.packages] = reason
    return made


def environment(packages: Sequence[str], directory: Path) -> Path:
    """The interpreter of a new environment with these packages.

    Raises:
        LeftOut: If there is no uv, or it cannot install them.
    """
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        raise LeftOut("its environment needs uv, which is not on the path. Install uv, or use uv run.")
    directory.mkdir()
    python = directory / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    # in a directory of its own, or the constraints of this project would apply
    _called([uv, "venv", "--quiet", "--python", sys.executable, "venv"], directory, "its environment cannot be made")
    install = [uv, "pip", "install", "--quiet", "--python", str(python), *packages]
    _called(install, directory, f"{packages[0]} cannot be installed")
    return python


def timed(tool: Tool, python: Path, directory: Path, draws: int, some: Sequence[int], points: int) -> Timing:
    """One process of one tool.

    Raises:
        LeftOut: If it fails.
    """
    script, out = Path(__file__).parent / tool.script, directory / "out.json"
    # -P, -I: neither this directory nor, in an environment of its own, what the caller's environment adds is imported
    how = "-I" if tool.packages else "-P"
    chosen = ",".join(map(str, some))
    _called([str(python), how, str(script), str(directory), str(out), str(draws), chosen, tool.method], directory)
    result: dict[str, Any] = json.loads(out.read_text())
    states = {int(point): np.array(parts) @ [1, 1j] for point, parts in result["states"].items()}
    scale = points / len(some)
    return Timing(
        seconds=scale * result["seconds"],
        cpu=scale * result["cpu"],
        timed=len(some),
        states=states,
        bars=tuple(result["bars"]),
    )


def table(taken: Mapping[Tool, Sequence[Timing]]) -> list[str]:
    """Markdown: medians, ratios to the first tool, and how far the states are from its own."""
    lines = [
        "| tool | sweep [s] | ratio | target | CPU [s] | CPU ratio | points timed | distance | error bars |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    medians = {tool: _medians(timings) for tool, timings in taken.items()}
    first = next((tool for tool in taken if not tool.packages), None)
    for tool, timings in taken.items():
        wall, cpu = medians[tool]
        ratios = [f"{a / b:.3g}" for a, b in zip(medians[tool], medians[first], strict=True)] if first else ["", ""]
        away = f"{_distance(timings, taken[first][0].states):.1g}" if first else ""
        timed = sum(timing.timed for timing in timings)
        target = "" if tool.target is None else f"{tool.target:.0f}"
        given = timings[-1].bars
        bars = ", ".join(given) if len(given) < 10 else f"{len(given)} quantities"
        cells = (tool.name, f"{wall:.3g}", ratios[0], target, f"{cpu:.3g}", ratios[1], str(timed), away, bars)
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def memory(fits: int) -> str:
    """The peak of one linear inversion of so many fits, in a fresh process, in words."""
    script = Path(__file__).parent / "estimators_memory.py"
    try:
        before, after, number = _called([sys.executable, "-P", str(script), str(fits)], script.parent).split()
    except LeftOut as reason:
        return f"The memory of linear inversions is left out: {reason}"
    return (
        f"{number} linear inversions at once hold {float(after):.0f} MiB at their peak, {float(before):.0f} MiB of it "
        f"before they start; the target for {FITS} is {MEMORY} MiB."
    )


def _medians(timings: Sequence[Timing]) -> tuple[float, float]:
    return statistics.median(t.seconds for t in timings), statistics.median(t.cpu for t in timings)


def _distance(timings: Sequence[Timing], states: Mapping[int, Array]) -> float:
    """Mean trace distance: the tools were given the same counts in the same order of qubits, or it is of order 1."""
    differences = np.array([state - states[point] for t in timings for point, state in t.states.items()])
    return float(np.abs(np.linalg.eigvalsh(differences)).sum(axis=-1).mean() / 2)


def _called(command: Sequence[str], directory: Path, failed: str = "its process failed") -> str:
    """What a command says on standard output."""
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = [line.strip() for line in done.stderr.splitlines() if line.strip()] or [f"status {done.returncode}"]
        raise LeftOut(f"{failed}: {said[-1][:200]}")
    return done.stdout


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--draws", type=int, default=200, help="bootstrap draws of every tool")
    parser.add_argument("--shots", type=int, default=4096, help="of each setting and point")
    parser.add_argument("--seed", type=int, default=1, help="of the counts")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of heat-exchange")
    parser.add_argument("--only", default="", help="first words of names of tools, comma-separated")
    parser.add_argument("--whole", action="store_true", help="every tool does every point: minutes a round")
    parser.add_argument("--fits", type=int, default=FITS, help="linear inversions whose memory is measured; 0: none")
    asked = parser.parse_args(arguments)
    for name, least in (("rounds", 1), ("draws", 2), ("fits", 0)):
        if (value := getattr(asked, name)) < least:
            raise RequestError(f"Argument `{name}` must be at least {least}, but is {value}. Give a larger one.")
    return asked


def _chosen(only: str) -> list[Tool]:
    wanted = [word.strip() for word in only.split(",") if word.strip()]
    for word in wanted:
        if not any(tool.name.lower().startswith(word.lower()) for tool in TOOLS):
            names = ", ".join(tool.name.split(",")[0] for tool in TOOLS)
            raise RequestError(f"Argument `only` must be among {names}, but is {word!r}. Give one, or drop it.")
    return [tool for tool in TOOLS if not wanted or any(tool.name.lower().startswith(w.lower()) for w in wanted)]


def _pairs(given: Sequence[str]) -> dict[str, str]:
    for text in given:
        if "=" not in text:
            raise RequestError(f"Argument `set` must be NAME=VALUE, but is {text!r}. Try --set alpha=-0.1.")
    return dict(text.split("=", 1) for text in given)


if __name__ == "__main__":
    main()
