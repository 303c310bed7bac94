"""The terminal: rich tables and a bar where there is one, plain lines otherwise, JSON on request."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence


@contextlib.contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on a terminal, a plain line a stage otherwise; on standard error."""
    if not sys.stderr.isatty():
        said: set[str] = set()

        def plain(what: str, done: int, of: int) -> None:
            if of > 1 and (what not in said or done == of):
                said.add(what)
                print(f"{what}: {done} of {of} shots", file=sys.stderr, flush=True)

        yield plain
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1)
        yield lambda what, done, of: bar.update(task, description=what, completed=done, total=of)


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A rich table on a terminal, tab-separated lines otherwise."""
    if not sys.stdout.isatty():
        print(f"# {title}")
        print("\n".join("\t".join(row) for row in (head, *rows)))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    shown = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for name in head:
        shown.add_column(name, overflow="fold")
    for row in rows:
        shown.add_row(*row)
    Console(highlight=False, markup=False).print(shown)


def emit(content: object) -> None:
    """One line of JSON."""
    print(json.dumps(content, ensure_ascii=False, allow_nan=False, default=float))
