"""The command line: one function a command, errors as one or two lines, nothing heavy imported for --help."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from hotward import hardware as _hardware
from hotward import imports as _imports
from hotward import planning as _plan
from hotward import reproduction as _reproduce
from hotward import request as _request
from hotward import show as _show
from hotward import terminal as _terminal

DEFAULT_ESTIMATOR = "maximum-likelihood"
INTERRUPTED = 130
"""Exit status after Ctrl-C, which typer turns into."""

app = typer.Typer(
    name="hotward",
    help="Quantum thermodynamics experiments on qubits: which way the heat went, with honest error bars.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _whole(text: str) -> int:
    """A whole number; the message names the value, which typer's own does not."""
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(f"must be a whole number, but is {text!r}") from None


def _count(explained: str) -> Any:
    return typer.Option(parser=_whole, metavar="<int>", help=explained)


Protocol = Annotated[str, typer.Argument(help="Name of a protocol; hotward list has them.")]
Run = Annotated[Path, typer.Argument(help="Directory of a run, or its name under --runs.")]
Preset = Annotated[str | None, typer.Option(help="Named parameter values; hotward list has them.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", help="name=value or name=start:stop:count; repeatable, overrides the preset."),
]
Shots = Annotated[int, _count("Shots per setting and point, over the ensemble members.")]
Bases = Annotated[
    str | None,
    typer.Option(help="A named set of the protocol (hotward list has them), or a list such as ZZ,XX."),
]
Preparation = Annotated[
    str | None,
    typer.Option(help="How mixtures are made: ensemble, purified; of bath qubits also measured, random."),
]
Ancillas = Annotated[
    str | None, typer.Option(help="fresh: a bath qubit for every collision; reset: one, reset in between.")
]
Merge = Annotated[bool, typer.Option("--merge", help="One gate for preparation and evolution, where axes agree.")]
Control = Annotated[
    str | None,
    typer.Option(help="Control arms in the same job, e.g. none,dephased, or off. Default: none if noisy."),
]
Reference = Annotated[str, typer.Option(help="Count heat from the measured state at time 0, or the nominal one.")]
DeviceName = Annotated[
    str, typer.Option(help="exact, exact:white=0.02, aer, aer:fake_NAME (hotward list) or ibm:NAME (hotward backends).")
]
Calibration = Annotated[int | None, _count("Shots of each readout pattern. Default: as --shots if noisy, else 0.")]
Seed = Annotated[
    int | None,
    _count("Root of all randomness; drawn and recorded if not given."),
]
Runs = Annotated[Path, typer.Option(help="Directory that holds the runs.")]
Draws = Annotated[
    int | None,
    _count("Bootstrap draws. Default: 1000, or what the run recorded."),
]
Estimator = Annotated[
    str | None,
    typer.Option(
        help="maximum-likelihood, linear-inversion or per-member. Default: the first, or what the run recorded."
    ),
]
Qubits = Annotated[
    str | None,
    typer.Option(help="Physical qubits such as 12,13, in the order of the wires. Default: the best by calibration."),
]
Passes = Annotated[int, _count("Hardware: passes over which the repeats of every row are spread.")]
Decoupling = Annotated[str, typer.Option(help="Hardware: dynamical decoupling, off, XX, XpXm or XY4.")]
Twirling = Annotated[str, typer.Option(help="Hardware: Pauli twirling, off, gates, measure or all.")]
Fractional = Annotated[bool, typer.Option("--fractional", help="Use gates of any angle, where the chip has them.")]
Sampler = Annotated[str, typer.Option(help="Hardware: executor (the client's own) or legacy (the platform's).")]
Mode = Annotated[str, typer.Option(help="Hardware: submit several jobs in a batch, or each as a job for itself.")]
Seconds = Annotated[float | None, typer.Option(help="Hardware: refuse a run of more QPU seconds than this.")]
Yes = Annotated[bool, typer.Option("--yes", help="Hardware: submit without asking.")]
Target = Annotated[
    str | None,
    typer.Option(help="Divide the shots for heat, mutual_information or concurrence. Default: evenly."),
]
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output instead of tables.")]
Out = Annotated[Path | None, typer.Option(help="Write the table to this CSV file.")]


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """--debug is taken off the line by `main`, wherever it stands; declared here for --help."""


@app.command("list")
def list_(json: Json = False) -> None:
    """Protocols, with their parameters and presets, and devices."""
    _show.catalogue(json)


@app.command()
def predict(
    protocol: Protocol,
    preset: Preset = None,
    set_: Set = None,
    control: Control = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """Exact values without a device: the table with `ideal` filled, and the extrema in continuous time."""
    experiment = _request.experiment(protocol, preset, set_ or [])
    options = _request.options(experiment, control=control or "off")
    _show.prediction(experiment, options, _request.provenance(protocol, preset), out, json)


@app.command()
def run(
    protocol: Protocol,
    preset: Preset = None,
    set_: Set = None,
    device: DeviceName = "aer",
    shots: Shots = 4096,
    target: Target = None,
    bases: Bases = None,
    preparation: Preparation = None,
    ancillas: Ancillas = None,
    merge: Merge = False,
    control: Control = None,
    reference: Reference = "measured",
    calibration_shots: Calibration = None,
    seed: Seed = None,
    runs: Runs = Path("runs"),
    draws: Draws = None,
    estimator: Estimator = None,
    qubits: Qubits = None,
    passes: Passes = 4,
    dynamical_decoupling: Decoupling = "off",
    twirling: Twirling = "off",
    fractional: Fractional = False,
    sampler: Sampler = "executor",
    mode: Mode = "batch",
    seconds_at_most: Seconds = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Compile, execute, analyse and report. The last line is the run directory.

    On hardware: submit, wait and collect. Ctrl-C leaves everything to hotward collect.
    """
    with _terminal.progress() as report:
        record = _request.carry_out(_requested(locals(), report, unattended=True), report)
    _hardware.remind(record.path)
    _analysed(record.path, None, json)


@app.command()
@_hardware.same_options(run)
def submit(**given: Any) -> None:
    """Submit to hardware, after showing what it costs. The last line is the run directory."""
    with _terminal.progress() as report:
        path = _request.submit(_requested(given, report, unattended=False), report)
    _hardware.submitted(path, given["json"])


@app.command()
def plan(
    protocol: Protocol,
    preset: Preset = None,
    set_: Set = None,
    device: DeviceName = "aer",
    shots: Shots = 4096,
    target: Target = None,
    bases: Bases = None,
    preparation: Preparation = None,
    ancillas: Ancillas = None,
    merge: Merge = False,
    control: Control = None,
    reference: Reference = "measured",
    calibration_shots: Calibration = None,
    seed: Annotated[int | None, _count("Of the run that is proposed; a plan itself draws nothing.")] = None,
    runs: Runs = Path("runs"),
    qubits: Qubits = None,
    passes: Passes = 4,
    fractional: Fractional = False,
    out: Annotated[
        Path | None, typer.Option(help="Directory for tables and figure. Default: a new one under --runs.")
    ] = None,
    json: Json = False,
) -> None:
    """What a run will show before any shot: where to measure, how significantly, at what cost.

    Searches the best time of a full period with everything in --set fixed, says what freeing phase, strength or family
    would gain, compares sets of settings, and ends in the hotward run command that measures there.
    """
    with _terminal.progress() as report:
        made = _plan.made(locals(), report)
    _plan.show(made, runs, out, json)


@app.command()
def status(run: Run, runs: Runs = Path("runs"), json: Json = False) -> None:
    """What the platform says of the jobs of a run."""
    _hardware.status(_request.found(run, runs), json)


@app.command()
def collect(
    run: Run,
    runs: Runs = Path("runs"),
    wait: Annotated[float, typer.Option(help="Seconds to wait for jobs that are not finished.")] = 600.0,
    resubmit: Annotated[
        bool, typer.Option("--resubmit", help="Submit jobs again that failed or were cancelled, at their cost.")
    ] = False,
    yes: Yes = False,
    draws: Draws = None,
    estimator: Estimator = None,
    json: Json = False,
) -> None:
    """Go on with a run on hardware, then analyse and report. May be repeated.

    Sends what was never sent, waits, fetches what is done and verifies it.
    """
    path = _request.found(run, runs)
    with _terminal.progress() as report:
        _hardware.collect(path, wait, resubmit, yes, report)
    _hardware.remind(path)
    _analysed(path, draws, json, estimator=estimator)


@app.command()
def cancel(run: Run, runs: Runs = Path("runs"), json: Json = False) -> None:
    """Cancel the unfinished jobs of a run; results are kept."""
    _hardware.cancel(_request.found(run, runs), json)


@app.command()
def backends(json: Json = False) -> None:
    """Backends of the IBM account, their queues and best qubits."""
    _hardware.backends(json)


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(help="CSV file of counts or expectation values; runs/README.md has the format.")
    ],
    protocol: Annotated[str | None, typer.Option(help="Protocol that was carried out; hotward list has them.")] = None,
    preset: Preset = None,
    set_: Set = None,
    bases: Annotated[
        str | None,
        typer.Option(help="What the settings are declared to determine, as for run. Default: what they do."),
    ] = None,
    ground: Annotated[
        str, typer.Option(help="0; 1: inverted labels; X: the ground state was prepared as |1> by an X gate.")
    ] = "0",
    reference: Reference = "measured",
    seed: Annotated[
        int | None, _count("Recorded; nothing random is done here, the draws are seeded by the data.")
    ] = None,
    runs: Runs = Path("runs"),
    draws: Annotated[int | None, _count("Bootstrap draws. Default: 1000.")] = None,
    estimator: Estimator = None,
    json: Json = False,
) -> None:
    """A run from counts or expectation values measured elsewhere. The last line is the run directory."""
    record = _imports.carry_out(
        _imports.ImportRequest(
            file=file,
            protocol=protocol,
            preset=preset,
            values=tuple(set_ or []),
            bases=bases,
            ground=ground,
            reference=reference,
            seed=seed,
            runs=runs,
            draws=1000 if draws is None else draws,
            estimator=estimator or DEFAULT_ESTIMATOR,
            typed=_typed(),
        )
    )
    _analysed(record.path, None, json)


@app.command()
def analyse(
    run: Run,
    runs: Runs = Path("runs"),
    draws: Draws = None,
    estimator: Estimator = None,
    uncorrected: Annotated[bool, typer.Option("--uncorrected", help="Ignore the readout calibration.")] = False,
    scale_errors: Annotated[
        bool, typer.Option("--scale-errors", help="Widen all errors by sqrt(chi-square/dof) of the run, if above 1.")
    ] = False,
    interval: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=METHOD",
            help="Another interval for one quantity, e.g. mutual_information=credible; repeatable. Methods: "
            "likelihood-ratio, bootstrap, wider, percentile, basic, normal, credible.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Analyse a run again, from its directory alone."""
    chosen, path = _request.intervals(interval or []), _request.found(run, runs)
    _analysed(path, draws, json, estimator=estimator, corrected=not uncorrected, scaled=scale_errors, intervals=chosen)


@app.command()
def report(
    run: Run, runs: Runs = Path("runs"), draws: Draws = None, estimator: Estimator = None, json: Json = False
) -> None:
    """Write the report of a run again; the last line is its path."""
    _analysed(_request.found(run, runs), draws, json, last="report.html", estimator=estimator)


@app.command()
def show(run: Run, runs: Runs = Path("runs"), json: Json = False) -> None:
    """One run: what it is, whether it is whole, and its verdict."""
    _show.one(_request.found(run, runs), json)


@app.command("runs")
def runs_(runs: Runs = Path("runs"), json: Json = False) -> None:
    """All runs, newest first."""
    _show.all_runs(runs, json)


@app.command()
def compare(
    run: Annotated[list[Path], typer.Argument(help="Directories of runs, or their names under --runs.")],
    out: Annotated[
        Path | None, typer.Option(help="Directory for the figure and the table. Default: a new one under --runs.")
    ] = None,
    runs: Runs = Path("runs"),
    draws: Draws = None,
    json: Json = False,
) -> None:
    """Several runs in one figure and one table. The last line is the directory of both."""
    from analysis.report import compare as _compare

    compared = _compare.compare([_request.found(one, runs) for one in run], draws=draws)
    _show.comparison(compared, _compare.write(compared, out or _compare.fresh(runs)), json)


@app.command()
def reproduce(
    paper: Annotated[str, typer.Argument(help="holdsworth-kawai or micadei.")],
    figures: Annotated[str | None, typer.Option(help="Comma-separated, e.g. 1,2,5. Default: all.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Directory for figures, tables and page. Default: a new one under --runs.")
    ] = None,
    overlay: Annotated[
        Path | None,
        typer.Option(help="A run of heat-exchange or heat-pump whose measured points are laid over the figures."),
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="Where results with baths are kept. Default: hotward in the user's cache.")
    ] = None,
    runs: Runs = Path("runs"),
    json: Json = False,
) -> None:
    """Redraw the figures of a paper. The last line is the page.

    The page says what agrees, what the paper prints wrong and what is inferred.
    """
    run_ = None if overlay is None else _request.found(overlay, runs)
    with _terminal.progress("percent") as report:
        made = _reproduce.made(paper, figures, out, run_, cache, runs, report)
    _reproduce.show(made, json)


def _requested(given: Mapping[str, Any], report: _terminal.Report, *, unattended: bool) -> _request.RunRequest:
    """What `run` and `submit` were asked for."""
    passed = (
        "protocol preset device shots target bases preparation ancillas merge control reference calibration_shots "
        "seed runs"
    )
    return _request.RunRequest(
        **{name: given[name] for name in passed.split()},
        values=tuple(given["set_"] or []),
        draws=1000 if given["draws"] is None else given["draws"],
        estimator=given["estimator"] or DEFAULT_ESTIMATOR,
        typed=_typed(),
        hardware=_hardware.options(given),
        approve=_hardware.approval(given["yes"], given["seconds_at_most"], report, unattended=unattended),
    )


def _typed() -> tuple[str, ...]:
    """The words after the command that change what is done; a repeated command asks again before it costs."""
    return tuple(a for a in sys.argv[1:] if a not in ("--json", "--debug", "--yes"))[1:]


def _analysed(
    path: Path,
    draws: int | None,
    json: bool,
    last: str = "",
    estimator: str | None = None,
    corrected: bool = True,
    scaled: bool = False,
    intervals: Mapping[str, str] | None = None,
) -> None:
    from analysis import analyse, write

    result = analyse(
        path,
        draws=draws,
        estimator=estimator,
        intervals=intervals,
        readout_correction=corrected,
        scale_errors=scaled,
    )
    for line in _show.without_interval(result, intervals or {}):
        print(line, file=sys.stderr)
    try:
        derived = write(result)
    except OSError as error:
        from devices import RunError

        raise RunError(
            f"{path / 'derived'} cannot be written: {error.strerror}. The run itself is safe; make room, then: "
            f"hotward analyse {path}"
        ) from error
    _show.analysis(result, derived, json, last=derived / last if last else path)


def main() -> None:
    """Entry point: maps every error to one or two lines and an exit status."""
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
        sys.exit(0 if isinstance(error, BrokenPipeError) else _explained(error))
    if code == INTERRUPTED:
        print("hotward: interrupted; hotward runs shows what is on disk.", file=sys.stderr)
    sys.exit(code if isinstance(code, int) else 0)


def _print_traceback(error: Exception) -> None:
    from devices.remote.secret import scrubbed

    print(scrubbed("".join(traceback.format_exception(error))), end="", file=sys.stderr)


def _give_up_stdout() -> None:
    """Sends what is still buffered nowhere: a full disk or a closed pipe would fail again at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _explained(error: Exception) -> int:
    """Prints an error and returns the exit status: 2 the request is wrong, 1 the run failed."""
    from devices.model import Interrupted, RunError
    from devices.remote.secret import scrubbed
    from protocols import RequestError

    if isinstance(error, RequestError | RunError):
        text = str(error)
    elif isinstance(error, OSError):
        text = (
            f"{error.filename or 'the disk'} cannot be used: {error.strerror or error}. Make room or choose --runs DIR."
        )
    else:
        text = f"unexpected {type(error).__name__}: {error}. This is a fault of hotward; --debug shows where."
    print("hotward:", scrubbed(" ".join(text.split())), file=sys.stderr)
    if isinstance(error, Interrupted):
        return INTERRUPTED
    return 2 if isinstance(error, RequestError) else 1
