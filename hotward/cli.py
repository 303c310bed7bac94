"""The command line: which commands there are, and every error as one or two lines and an exit status."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import traceback
from typing import Annotated

import typer
from typer.exceptions import TyperException

from hotward.commands.analysing import analyse_run, report
from hotward.commands.catalogue import list_protocols
from hotward.commands.comparing import compare
from hotward.commands.importing import import_measured
from hotward.commands.jobs import backends, cancel, collect, status
from hotward.commands.listing import list_runs, show
from hotward.commands.planning import plan
from hotward.commands.prediction import predict
from hotward.commands.reproducing import reproduce
from hotward.commands.running import run, submit

INTERRUPTED = 130
"""Exit status after Ctrl-C, which typer turns into."""
COMMANDS = {
    "list": list_protocols,
    "predict": predict,
    "run": run,
    "submit": submit,
    "plan": plan,
    "status": status,
    "collect": collect,
    "cancel": cancel,
    "backends": backends,
    "import": import_measured,
    "analyse": analyse_run,
    "report": report,
    "show": show,
    "runs": list_runs,
    "compare": compare,
    "reproduce": reproduce,
}
"""In the order of `--help`."""

app = typer.Typer(
    name="hotward",
    help="Quantum thermodynamics experiments on qubits: which way the heat went, with honest error bars.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for _name, _command in COMMANDS.items():
    app.command(_name)(_command)


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """--debug is taken off the line by `main`, wherever it stands; declared here for --help."""


def main() -> None:
    """Entry point: maps every error to one or two lines and an exit status."""
    gc.set_threshold(100_000, 50, 50)  # figures and imports make hundreds of thousands of objects that stay
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    debug = len(arguments) < len(sys.argv) - 1
    try:
        code = app(args=arguments or ["--help"], prog_name="hotward", standalone_mode=False)
        sys.stdout.flush()
    except TyperException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "hotward"
        message = " ".join(error.format_message().split()).rstrip(".")
        print(f"{command}: {message}. Try {command} --help.", file=sys.stderr)
        sys.exit(2)
    except Exception as error:
        if debug:
            _print_traceback(error)
        if isinstance(error, OSError):
            _give_up_stdout()
        sys.exit(0 if isinstance(error, BrokenPipeError) else _print_error(error))
    if code == INTERRUPTED:
        print("hotward: interrupted; hotward runs shows what is on disk.", file=sys.stderr)
    sys.exit(code if isinstance(code, int) else 0)


def _print_traceback(error: Exception) -> None:
    from devices.remote import scrubbed

    print(scrubbed("".join(traceback.format_exception(error))), end="", file=sys.stderr)


def _give_up_stdout() -> None:
    """Sends what is still buffered nowhere: a full disk or a closed pipe would fail again at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print_error(error: Exception) -> int:
    """Prints an error and returns the exit status: 2 the request is wrong, 1 the run failed."""
    from devices.errors import Interrupted, RunError, way_out
    from devices.remote import scrubbed
    from protocols import RequestError

    if isinstance(error, RequestError | RunError):
        text = str(error)
    elif isinstance(error, OSError):
        place, ways = error.filename or "the disk", f"{way_out(error).capitalize()} or choose --runs DIR"
        text = f"{place} cannot be used: {error.strerror or error}. {ways}."
    else:
        text = f"unexpected {type(error).__name__}: {error}. This is a fault of hotward; --debug shows where."
    print("hotward:", scrubbed(" ".join(text.split())), file=sys.stderr)
    if isinstance(error, Interrupted):
        return INTERRUPTED
    return 2 if isinstance(error, RequestError) else 1
