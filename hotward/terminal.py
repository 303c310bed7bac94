"""The terminal: rich tables and a bar where there is one, plain lines otherwise, JSON on request."""

from __future__ import annotations

import contextlib
import itertools
import json
import shutil
import sys
import time
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence

from hotward.streams import one_line, verbatim, visible

if typing.TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

BETWEEN_LINES = 15.0
"""Seconds after which a stage that is not at its end is told of again."""
_NARROWEST = 6
"""Characters of a terminal for each column of a table; in a narrower one rich leaves cells empty."""


class Report(typing.Protocol):
    """Tells how far something is, and gives way to a question."""

    def __call__(self, what: str, done: int, of: int) -> None:
        """Called with the number of shots, or of something else, done so far."""
        ...

    def stop(self) -> None:
        """Leaves the terminal to whoever asks; the next call goes on."""
        ...


@contextlib.contextmanager
def progress(unit: str = "shots") -> Iterator[Report]:
    """A bar on a terminal, a plain line a stage otherwise; on standard error."""
    if not sys.stderr.isatty():
        yield _Lines(unit)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    said = TextColumn("{task.description}", markup=False)
    columns = (said, BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn())
    console = Console(file=verbatim(sys.stderr))
    # what else is printed does not go through rich, which would let its control characters pass
    with Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False) as bar:
        yield _Bar(bar)


class _Lines:
    """A line for every stage, one at its end, and some between where it takes long."""

    def __init__(self, unit: str) -> None:
        self.unit = unit
        self.said: set[str] = set()
        self.last = 0.0
        """When the last line was printed, of the monotonic clock."""

    def __call__(self, what: str, done: int, of: int) -> None:
        now = time.monotonic()
        if of > 1 and (what not in self.said or done == of or now - self.last >= BETWEEN_LINES):
            self.said.add(what)
            self.last = now
            print(f"{what}: {done} of {of} {self.unit}", file=sys.stderr, flush=True)

    def stop(self) -> None:
        """Nothing is in the way."""


class _Bar:
    """A live bar."""

    def __init__(self, bar: RichProgress) -> None:
        self.bar, self.task = bar, bar.add_task("", total=1)

    def __call__(self, what: str, done: int, of: int) -> None:
        self.bar.start()
        self.bar.update(self.task, description=one_line(what), completed=done, total=of)

    def stop(self) -> None:
        self.bar.stop()


class Silent:
    """Who is told of every step and passes nothing on."""

    def __call__(self, what: str, done: int, of: int) -> None:
        """Called with the number of shots, or of something else, done so far."""

    def stop(self) -> None:
        """Nothing is in the way."""


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Prints a rich table on a terminal, tab-separated lines otherwise.

    >>> table("presets", ("name", "T_A"), [("micadei", "4.3")])
    # presets
    name	T_A
    micadei	4.3

    Args:
        title: What it shows.
        head: Names of the columns.
        rows: Texts, as many in each row as there are columns.
    """
    told = [[one_line(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty() or shutil.get_terminal_size().columns < _NARROWEST * len(head):
        print(f"# {title}")
        print("\n".join("\t".join(row) for row in (head, *told)))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    shown = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for name in head:
        shown.add_column(name, overflow="fold")
    for row in told:
        shown.add_row(*row)
    Console(file=verbatim(sys.stdout), highlight=False, markup=False).print(shown)


def typed_words() -> tuple[str, ...]:
    """The words after the command that change what is done; a repeated command asks again before it costs."""
    words, kept = iter(sys.argv[1:]), []
    for word in words:
        if word == "--workers":
            next(words, None)  # who does the work changes nothing
        elif word not in ("--json", "--debug", "--yes") and not word.startswith("--workers="):
            kept.append(word)
    return tuple(kept)[1:]


def emit(content: object) -> None:
    """One line of JSON; what a terminal or an encoding could not show is escaped as JSON has it."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, default=float)
    if visible(text) != text or not _encodable(text):
        text = json.dumps(content, allow_nan=False, default=float).replace("\x7f", "\\u007f")
    print(text)


def emit_rows(content: Mapping[str, object], name: str, parts: Iterable[list[dict[str, typing.Any]]]) -> None:
    """The same with rows of a long table under the last name, written as they come.

    >>> emit_rows({"protocol": "p"}, "table", [[{"point": 0}], [{"point": 1}]])
    {"protocol": "p", "table": [{"point": 0}, {"point": 1}]}

    Args:
        content: All before the rows.
        name: Of the rows.
        parts: Rows that follow each other.
    """
    coming = iter(parts)
    first, second = next(coming, []), next(coming, None)
    if second is None:
        emit({**content, name: first})
        return
    # what follows is not known yet, so characters outside ASCII are escaped from the start
    start = json.dumps({**content, name: []}, allow_nan=False, default=float).replace("\x7f", "\\u007f")
    print(start.removesuffix("]}"), end="")
    before = ""
    for rows in itertools.chain([first, second], coming):
        if rows:
            text = json.dumps(rows, allow_nan=False, default=float).replace("\x7f", "\\u007f")
            print(f"{before}{text[1:-1]}", end="")
            before = ", "
    print("]}")


def _encodable(text: str) -> bool:
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
