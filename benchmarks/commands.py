"""What the commands cost: wall and CPU seconds of each, in turn with the same command of another commit.

    uv run python benchmarks/commands.py [--against COMMIT|DIRECTORY] [--rounds 3] [--only NAME ...]

Every command runs in a process of its own; CPU seconds are those of user and system, of the process and all that it
waited for. Modules are kept compiled in a temporary place for each tree, and the first call of each command, which
compiles them, is not counted: environments of different age, or without bytecode, differ by a factor of two else.

With `--against` two trees take turns, A B A B, and the last columns are the medians of the ratios of neighbours, which
hold across machines where seconds do not. The other tree is a directory with a `.venv`, or a commit of this repository,
which gets a clone and an environment of its own for the time of the measurement.

The table is Markdown. No number here is tested: they are for closing notes, and to see when features grow the wait.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = {
    "--help": "--help",
    "list": "list",
    "predict": "predict heat-exchange",
    "import": "import {counts} --protocol heat-exchange --seed 1 --runs {out}",
    "plan": "plan heat-exchange --seed 1 --out {out}/plan",
    "analyse": "analyse {run}",
    "run exact": "run heat-exchange --device exact --seed 1 --runs {out}",
    "run aer": "run heat-exchange --device aer --seed 1 --runs {out}",
    "run aer:fake_fez": "run heat-exchange --device aer:fake_fez --seed 1 --runs {out}",
}
"""Name -> words after hotward. In braces: a new directory, a file of counts, a run with default settings."""
DEFAULT_RUN = "run heat-exchange --seed 1 --runs {out}"
"""What `analyse` analyses; made once by the other tree, if there is one, so that both can read it."""


class Refused(Exception):
    """What was asked for cannot be measured."""


@dataclass(frozen=True, kw_only=True)
class Tree:
    """One state of the code with an environment to run it in."""

    name: str
    root: Path
    python: Path
    bytecode: Path
    """Where its modules are kept compiled: apart, so that environments of different age start alike."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one call of a command took."""

    wall: float
    """Seconds on the clock."""
    cpu: float
    """Seconds of processors, user and system, of the process and its children."""


def main() -> int:
    """Measures the commands in turn and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", metavar="COMMIT|DIRECTORY", help="the same of another state of the code")
    parser.add_argument("--rounds", type=int, default=3, help="calls of each command by each tree (default: 3)")
    # bare words, since a name may look like an option: `--only --help list`
    parser.add_argument("--only", nargs=argparse.REMAINDER, metavar="NAME", help="these alone; the last option")
    given = parser.parse_args()
    names = given.only or list(COMMANDS)
    try:
        if given.rounds < 1 or (unknown := [name for name in names if name not in COMMANDS]):
            wrong = f"--rounds is {given.rounds}" if given.rounds < 1 else f"--only names {', '.join(unknown)}"
            raise Refused(f"{wrong}; at least one round, names from: {', '.join(COMMANDS)}.")
        with tempfile.TemporaryDirectory() as folder:
            trees = [
                Tree(name="this", root=ROOT, python=Path(sys.executable), bytecode=Path(folder) / "bytecode of this")
            ]
            if given.against:
                trees.append(other_tree(given.against, Path(folder)))
            costs = measure(trees, names, given.rounds, Path(folder))
    except Refused as error:
        print(f"commands.py: {error}", file=sys.stderr)
        return 2
    print("\n".join(table(trees, costs)))
    return 0


def other_tree(against: str, folder: Path) -> Tree:
    """The tree to compare with.

    Args:
        against: A directory with a `.venv`, or a commit of this repository.
        folder: Where the clone of a commit is made.

    Raises:
        Refused: If it is neither, or its environment cannot be made.
    """
    root = Path(against).resolve()
    if not root.is_dir():
        root = folder / "other"
        _called(["git", "clone", "--quiet", "--shared", "--no-checkout", str(ROOT), str(root)])
        commit = _called(["git", "-C", str(ROOT), "rev-parse", "--verify", f"{against}^{{commit}}"]).strip()
        _called(["git", "-C", str(root), "checkout", "--quiet", "--detach", commit])
        uv = os.environ.get("UV") or shutil.which("uv")
        if uv is None:
            raise Refused("the environment of a commit needs uv, which is not on the path. Install uv, or use uv run.")
        own = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
        command = [uv, "sync", "--quiet", "--no-dev", "--python", sys.executable]
        _called([*command, "--directory", str(root)], own)
    python = root / ".venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        raise Refused(f"{root} has no .venv with a python. Make it with uv sync, or give a commit.")
    return Tree(name=_commit_of(root), root=root, python=python, bytecode=folder / "bytecode of other")


def measure(trees: Sequence[Tree], names: Sequence[str], rounds: int, folder: Path) -> dict[str, list[list[Cost]]]:
    """Every command by every tree in turn, round by round.

    Args:
        trees: One, or two that take turns.
        names: Of the commands.
        rounds: How often.
        folder: A place for what the commands write.

    Returns:
        Name -> for every tree, the cost of each round.
    """
    costs: dict[str, list[list[Cost]]] = {name: [[] for _ in trees] for name in names}
    places = {"counts": str(folder / "counts.csv")}
    (folder / "counts.csv").write_text("\n".join(counts_of_one_point()) + "\n")
    if "analyse" in names:
        made = folder / "default"
        call(trees[-1], DEFAULT_RUN, {"out": str(made)})
        places["run"] = str(next(made.iterdir()))
    for name in names:
        for number in range(rounds + 1):
            for tree, found in zip(trees, costs[name], strict=True):
                with tempfile.TemporaryDirectory(dir=folder) as out:
                    own = {**places, "out": out}
                    if name == "analyse":  # a copy, since it writes beside the data
                        own["run"] = str(shutil.copytree(places["run"], Path(out) / "run"))
                    cost = call(tree, COMMANDS[name], own)
                if number > 0:  # the first call writes bytecode
                    found.append(cost)
                    _tell(name, number, rounds, tree, cost)
    return costs


def call(tree: Tree, words: str, places: Mapping[str, str]) -> Cost:
    """One command in a process of its own.

    Args:
        tree: Whose command.
        words: Those after hotward, with names of places in braces.
        places: Name -> path.

    Raises:
        Refused: If it fails.
    """
    command = [str(tree.python), "-m", "hotward", *(word.format(**places) for word in words.split())]
    with tempfile.TemporaryFile() as said:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = str(tree.bytecode)
        streams = {"stdin": subprocess.DEVNULL, "stdout": said, "stderr": said}
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=tree.root, env=environment, **streams)  # noqa: S603
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        if process.returncode:
            raise Refused(f"hotward {words} of {tree.name} failed: {said.read().decode(errors='replace')[-500:]}")
    return Cost(wall=wall, cpu=usage.ru_utime + usage.ru_stime)


def counts_of_one_point() -> Iterator[str]:
    """Lines of a file of counts at time 0: a correlated pair in nine settings of 4000 shots."""
    means, shared = {"X": 0.0, "Y": 0.0, "Z": 0.4}, {"XX": 0.1, "YY": 0.1, "ZZ": 0.2}
    yield "time,basis,A,B,count"
    for basis in (a + b for a in "XYZ" for b in "XYZ"):
        for a, b in ((0, 0), (0, 1), (1, 0), (1, 1)):
            s, t = 1 - 2 * a, 1 - 2 * b
            expected = 1 + s * means[basis[0]] + t * means[basis[1]] + s * t * shared.get(basis, 0.0)
            yield f"0,{basis},{a},{b},{1000 * expected:.0f}"


def table(trees: Sequence[Tree], costs: Mapping[str, Sequence[Sequence[Cost]]]) -> Iterator[str]:
    """Lines of the table: minimum / median of each tree, and the median of the ratios of neighbours.

    Args:
        trees: One or two.
        costs: Name of a command -> for every tree, the cost of each round.
    """
    rounds = len(next(iter(costs.values()))[0])
    where = f"{platform.machine()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the end"
    yield f"Seconds, minimum / median of {rounds}; `this` is {_commit_of(ROOT)}; Python {platform.python_version()},"
    yield f"{where}."
    yield ""
    kinds = ("wall", "cpu")
    head = [f"{kind} {tree.name}" for kind in kinds for tree in trees]
    if len(trees) == 2:
        head += [f"{kind}: {trees[0].name} / {trees[1].name}" for kind in kinds]
    yield f"| command | {' | '.join(head)} |"
    yield f"|---|{'---:|' * len(head)}"
    for name, found in costs.items():
        cells = []
        for kind in kinds:
            for of_tree in found:
                seconds = [getattr(cost, kind) for cost in of_tree]
                cells.append(f"{min(seconds):.2f} / {statistics.median(seconds):.2f}")
        if len(trees) == 2:
            cells += [f"{_median_ratio(found, kind):.2f}" for kind in kinds]
        yield f"| {name} | {' | '.join(cells)} |"


def _median_ratio(found: Sequence[Sequence[Cost]], kind: str) -> float:
    return statistics.median(getattr(a, kind) / getattr(b, kind) for a, b in zip(*found, strict=True))


def _commit_of(root: Path) -> str:
    """What a tree is called: its commit, and whether files were changed since."""
    return _called(["git", "-C", str(root), "describe", "--always", "--dirty", "--exclude", "*"]).strip()


def _called(command: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603
    if done.returncode:
        raise Refused(f"{' '.join(command)} failed: {done.stderr.strip()[-500:] or 'it says nothing'}")
    return done.stdout


def _tell(name: str, number: int, rounds: int, tree: Tree, cost: Cost) -> None:
    took = f"{cost.wall:.1f} s, CPU {cost.cpu:.1f} s"
    print(f"{name}, {number} of {rounds}, {tree.name}: {took}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
