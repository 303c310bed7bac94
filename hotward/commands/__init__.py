"""The commands, one file a subject: what typer calls, and what is printed; `app` has all of them."""

from __future__ import annotations

from typing import Annotated

import typer

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
from hotward.commands.studying import study

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
    "study": study,
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
    """--debug is taken off the line by `hotward.cli.main`, wherever it stands; declared here for --help."""
