"""One fact, computed once: how often a run makes its frequencies, fits its states, and reads and hashes its files.

    uv run python benchmarks/trace.py                     # the run that the counts are promised for
    uv run python benchmarks/trace.py -- heat-exchange --device exact --set time=0:10:3

Runs `hotward run` in this process and counts from outside: calls by the code that is executed, whatever name it was
imported under; files by the interpreter's own report of what is opened; hashes by the digests that come out. Exit
status 1 if anything was done twice.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import sys
import tempfile
import threading
import typing
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

PROMISED = ("heat-exchange", "--device", "exact", "--set", "time=0:10:9")


class Calls:
    """Counts calls of some functions in all threads, by one of their arguments."""

    def __init__(self, functions: Mapping[Callable[..., Any], str]) -> None:
        self._argument: dict[CodeType, str] = {f.__code__: name for f, name in functions.items()}
        self._lock = threading.Lock()
        self.seen: dict[CodeType, list[object]] = {code: [] for code in self._argument}
        """The argument of every call; kept, so that no two have one identity."""

    def _profile(self, frame: FrameType, event: str, argument: object) -> None:
        name = self._argument.get(frame.f_code) if event == "call" else None
        if name is not None:
            with self._lock:
                self.seen[frame.f_code].append(frame.f_locals[name])

    @contextlib.contextmanager
    def counted(self) -> Iterator[None]:
        """Counts what is called within."""
        threading.setprofile(self._profile)
        sys.setprofile(self._profile)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    def of(self, function: Callable[..., Any]) -> list[object]:
        """The arguments it was called with."""
        return self.seen[function.__code__]


class Files:
    """Counts how often files were opened to be read."""

    def __init__(self) -> None:
        self.opened: Counter[str] = Counter()
        self.active = False
        sys.addaudithook(self._audit)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.active and event == "open":
            path, mode, flags = arguments
            if isinstance(path, (str, os.PathLike)) and _reads(mode, flags):
                self.opened[str(Path(path).absolute())] += 1


def _reads(mode: str | None, flags: int) -> bool:
    """Whether a file is opened for its content; a line that is appended looks at the last byte alone."""
    if mode is not None:
        return "a" not in mode and ("r" in mode or "+" in mode)
    return flags & (os.O_ACCMODE | os.O_APPEND) in (os.O_RDONLY, os.O_RDWR)


class Hashes:
    """Counts the SHA-256 digests that come out of `hashlib`."""

    def __init__(self) -> None:
        self.made: Counter[str] = Counter()
        plain, by_name, made = hashlib.sha256, hashlib.new, self.made

        class Counted:
            """A hash that says what it gave."""

            def __init__(self, content: Any = b"", **more: Any) -> None:
                self._hash = plain(content, **more)

            def __getattr__(self, name: str) -> Any:
                return getattr(self._hash, name)

            def hexdigest(self) -> str:
                made[self._hash.hexdigest()] += 1
                return self._hash.hexdigest()

            def digest(self) -> bytes:
                made[self._hash.hexdigest()] += 1
                return self._hash.digest()

        def new(name: str, content: Any = b"", **more: Any) -> Any:
            return Counted(content, **more) if name.lower() == "sha256" else by_name(name, content, **more)

        self._patched = {"sha256": Counted, "new": new}
        self._plain = {"sha256": plain, "new": by_name}

    def use(self, *, counted: bool) -> None:
        """Puts the counting hash in the place of the plain one, or back."""
        for name, function in (self._patched if counted else self._plain).items():
            setattr(hashlib, name, function)


def traced(words: list[str], runs: Path) -> tuple[Calls, Files, Hashes, Path]:
    """Carries out `hotward run` and counts.

    Args:
        words: What follows `hotward run`.
        runs: An empty directory for the run.

    Returns:
        What was counted, and the directory of the run.
    """
    from analysis.data import measured_frequencies
    from analysis.tomography import fit
    from hotward.cli import main

    calls, files, hashes = Calls({measured_frequencies: "counts", fit: "reading"}), Files(), Hashes()
    sys.argv = ["hotward", "run", *words, "--runs", str(runs)]
    files.active = True
    hashes.use(counted=True)
    try:
        with calls.counted(), contextlib.redirect_stdout(sys.stderr):
            main()
    except SystemExit as end:
        if end.code:
            raise
    finally:
        files.active = False
        hashes.use(counted=False)
    (run,) = runs.iterdir()
    return calls, files, hashes, run


def counts(calls: Calls, files: Files, hashes: Hashes, run: Path) -> Iterator[tuple[str, int]]:
    """What was counted, in words, and how often; files with the same content share their hashes."""
    from analysis.data import Frequencies, measured_frequencies
    from analysis.tomography import fit

    data = Counter(id(one) for one in calls.of(measured_frequencies))
    for number, often in enumerate(data.values()):
        yield f"frequencies of data set {number} made", often
    measured = [one for one in calls.of(fit) if len(typing.cast("Frequencies", one).leading) == 1]
    cells = sum(typing.cast("Frequencies", one).leading[0] for one in measured)
    yield f"states fitted ({cells} fits of cells in all; draws are not counted)", len(measured)
    kept = sorted(path for path in run.rglob("*") if path.is_file() and "derived" not in path.relative_to(run).parts)
    digests = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in kept}
    alike = Counter(digests.values())
    for path in kept:
        name = path.relative_to(run)
        yield f"{name} read", files.opened[str(path.absolute())]
        yield f"{name} hashed", -(-hashes.made[digests[path]] // alike[digests[path]])


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="How often a run does one thing.")
    parser.add_argument("words", nargs="*", default=PROMISED, help="what follows `hotward run`, after --")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = list(counts(*traced(list(given.words), Path(folder))))
    width = max(len(text) for text, _ in found)
    for text, often in found:
        print(f"{text:{width}} {often}{'  more than once' if often > 1 else ''}")
    return int(any(often > 1 for _, often in found))


if __name__ == "__main__":
    sys.exit(main())
