"""The verbs of the Python interface: each makes the request that the command line would make, and carries it out."""

from __future__ import annotations

import contextlib
import typing
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path

from hotward.interface.results import Compared, Plan, Prediction, Result, Unfinished
from hotward.interface.words import Field, repeated_words, requested
from hotward.terminal import Report, Silent
from protocols import Experiment, RequestError

if typing.TYPE_CHECKING:
    from devices import RunRecord

NO_WORDS = ("experiment", "fields", "progress")
"""Arguments of `run`, `plan` and `predict` that are no words of the command line."""


@contextlib.contextmanager
def _told(progress: bool) -> Iterator[Report]:
    """Who is told of every step: the terminal, or nobody."""
    if not progress:
        yield Silent()
        return
    from hotward import terminal

    with terminal.progress() as report:
        yield report


def run(
    experiment: Experiment | str,
    *,
    preset: str | None = None,
    device: str = "aer",
    shots: int = 4096,
    target: str | None = None,
    bases: str | Sequence[str] | None = None,
    preparation: str | None = None,
    ancillas: str | None = None,
    merge: bool = False,
    first_reading: str | None = None,
    feedback: str | None = None,
    control: str | Sequence[str] | None = None,
    fold: str | Sequence[int] | None = None,
    reference: str = "measured",
    calibration_shots: int | None = None,
    seed: int | None = None,
    runs: Path | str = "runs",
    draws: int | None = None,
    estimator: str | None = None,
    mitigation: str | None = None,
    quantities: str | Sequence[str] | None = None,
    qubits: str | Sequence[int] | None = None,
    copies: int | str = "1",
    spacing: int = 1,
    alone: int = 0,
    floor: float = 0.9,
    passes: int = 4,
    dynamical_decoupling: str = "off",
    twirling: str = "off",
    fractional: bool = False,
    sampler: str = "executor",
    rep_delay: float | None = None,
    mode: str = "batch",
    seconds_at_most: float | None = None,
    yes: bool = False,
    workers: int | str | Executor = "1",
    progress: bool = False,
    **fields: Field,
) -> Result:
    """Measures an experiment and returns the run: what `hotward run` does.

    The keywords are the options of the command line with `_` for `-`; `hotward run --help` explains each. The record
    of the run holds the command that repeats it.

    Args:
        experiment: Such as `HeatExchange(T_A=2, time=[0, 3.5, 7])`, or the name of a protocol.
        preset: Of the protocol that is named; `hotward list` has them.
        device: "exact", "exact:white=0.02", "aer", "aer:fake_NAME" or "ibm:NAME".
        shots: Shots per setting and point, over the ensemble members.
        target: Divide the shots for heat, mutual_information or concurrence. Default: evenly.
        bases: A named set of the protocol (`hotward list` has them), or a list such as ZZ,XX.
        preparation: How mixtures are made: ensemble, purified; of bath qubits also measured, random.
        ancillas: fresh: a bath qubit for every collision; reset: one, reset in between.
        merge: One gate for preparation and evolution, where axes agree.
        first_reading: Of A's energy, in two arms of their own: none, ancilla, or measured within the circuit.
        feedback: deferred: gates controlled by the qubit; measured: it is read, and the result is acted on.
        control: Control arms in the same job, e.g. none,dephased, or off. Default: none if noisy.
        fold: Arms of circuits so many times as long, e.g. 1,3: a check by zero-noise extrapolation.
        reference: Count heat from the measured state at time 0, or the nominal one.
        calibration_shots: Shots of each readout pattern. Default: as `shots` if noisy, else 0.
        seed: Root of all randomness; drawn and recorded if not given.
        runs: Directory that holds the runs.
        draws: Bootstrap draws. Default: 100, or what the run recorded.
        estimator: maximum-likelihood, linear-inversion or per-member. Default: the first, or what the run recorded.
        mitigation: Rows with errors of gates removed beside the raw ones: none, symmetry, survival or both. Default:
            none, or what the run recorded. A plan says whether it could be done, and has errors of raw rows.
        quantities: Estimate these and what the verdict needs, e.g. ["heat", "mutual_information"]. Default: all.
        qubits: Physical qubits such as 12,13, in the order of the wires. Default: the best by calibration.
        copies: Copies of the experiment side by side on the chip, or all that fit.
        spacing: Idle qubits between copies; 1: no coupler joins two of them.
        alone: Passes more in which some of the copies run while all others idle: shows crosstalk.
        floor: Least score of a copy, as a fraction of the best place's.
        passes: Hardware: passes over which the repeats of every row are spread.
        dynamical_decoupling: Hardware: dynamical decoupling, off, XX, XpXm or XY4.
        twirling: Hardware: Pauli twirling, off, gates, measure or all.
        fractional: Use gates of any angle, where the chip has them.
        sampler: Hardware: executor (the client's own), or legacy while IBM still has it.
        rep_delay: Hardware: wait between executions. Default: that of the backend.
        mode: Hardware: submit several jobs in a batch, or each as a job for itself.
        seconds_at_most: Hardware: refuse a run of more QPU seconds than this.
        yes: Hardware costs money: without `yes=True` nothing is submitted from Python.
        workers: Processes that share the work, the address of a Dask scheduler, or an executor of one's own; the
            answers are the same bits.
        progress: Whether every step is told on standard error; otherwise nothing is printed but what a run on
            hardware is estimated to cost.
        fields: Parameters of the protocol that is named: numbers, texts as after --set, lists or arrays.

    Returns:
        The run; it is analysed when something of it is first asked for.

    Raises:
        RequestError: For anything wrong with the request; nothing is measured then.
        RunError: If the device fails; the text names the run directory, which holds what was measured.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as runs:
        ...     result = run("heat-exchange", device="exact", time=[0, 7.01], shots=4096, seed=1, runs=runs)
        ...     result.record.start["shots"], result.record.start["command"].partition(" --runs")[0]
        (4096, 'hotward run heat-exchange --set time=0,7.01 --device exact --seed 1')
    """
    words = {name: value for name, value in locals().items() if name not in NO_WORDS}
    from hotward.execution import carry_out
    from hotward.requests import RunRequest

    request = requested(RunRequest, experiment, fields, words)
    if request.device.startswith("ibm:") and not request.yes:
        raise RequestError(
            "Argument `yes` must be True for a run on hardware, which costs money, but is False. hotward plan says how "
            "much; nothing was submitted."
        )
    with _told(progress) as report:
        return Result(carry_out(request, repeated_words(request), report).path)


def plan(
    experiment: Experiment | str,
    *,
    preset: str | None = None,
    device: str = "aer",
    shots: int = 4096,
    target: str | None = None,
    bases: str | Sequence[str] | None = None,
    preparation: str | None = None,
    ancillas: str | None = None,
    merge: bool = False,
    first_reading: str | None = None,
    feedback: str | None = None,
    control: str | Sequence[str] | None = None,
    reference: str = "measured",
    calibration_shots: int | None = None,
    seed: int | None = None,
    runs: Path | str = "runs",
    mitigation: str | None = None,
    qubits: str | Sequence[int] | None = None,
    copies: int | str = "1",
    spacing: int = 1,
    alone: int = 0,
    floor: float = 0.9,
    passes: int = 4,
    fractional: bool = False,
    rep_delay: float | None = None,
    progress: bool = False,
    **fields: Field,
) -> Plan:
    """What a run will show before any shot: where to measure, how significantly, at what cost; as `hotward plan`.

    Args:
        experiment: An experiment, or the name of a protocol.
        preset: Of the protocol that is named; `hotward list` has them.
        device: "exact", "exact:white=0.02", "aer", "aer:fake_NAME" or "ibm:NAME".
        shots: Shots per setting and point, over the ensemble members.
        target: Divide the shots for heat, mutual_information or concurrence. Default: evenly.
        bases: A named set of the protocol (`hotward list` has them), or a list such as ZZ,XX.
        preparation: How mixtures are made: ensemble, purified; of bath qubits also measured, random.
        ancillas: fresh: a bath qubit for every collision; reset: one, reset in between.
        merge: One gate for preparation and evolution, where axes agree.
        first_reading: Of A's energy, in two arms of their own: none, ancilla, or measured within the circuit.
        feedback: deferred: gates controlled by the qubit; measured: it is read, and the result is acted on.
        control: Control arms in the same job, e.g. none,dephased, or off. Default: none if noisy.
        reference: Count heat from the measured state at time 0, or the nominal one.
        calibration_shots: Shots of each readout pattern. Default: as `shots` if noisy, else 0.
        seed: Of the run that is proposed; a plan itself draws nothing.
        runs: Directory of the run that is proposed; nothing is written here.
        mitigation: Rows with errors of gates removed beside the raw ones: none, symmetry, survival or both. Default:
            none, or what the run recorded. A plan says whether it could be done, and has errors of raw rows.
        qubits: Physical qubits such as 12,13, in the order of the wires. Default: the best by calibration.
        copies: Copies of the experiment side by side on the chip, or all that fit.
        spacing: Idle qubits between copies; 1: no coupler joins two of them.
        alone: Passes more in which some of the copies run while all others idle: shows crosstalk.
        floor: Least score of a copy, as a fraction of the best place's.
        passes: Hardware: passes over which the repeats of every row are spread.
        fractional: Use gates of any angle, where the chip has them.
        rep_delay: Hardware: wait between executions. Default: that of the backend.
        progress: Whether every step is told on standard error.
        fields: Parameters of the protocol that is named.

    Raises:
        RequestError: For anything wrong with the request.
    """
    words = {name: value for name, value in locals().items() if name not in NO_WORDS}
    from hotward.commands.planning import make_plan, proposed_commands
    from hotward.requests import PlanRequest

    request = requested(PlanRequest, experiment, fields, words)
    with _told(progress) as report:
        planned = make_plan(request, report)
    return Plan(planned, tuple(proposed_commands(planned, request)))


def predict(
    experiment: Experiment | str,
    *,
    preset: str | None = None,
    first_reading: str | None = None,
    feedback: str | None = None,
    control: str | Sequence[str] | None = None,
    workers: int | str | Executor = "1",
    **fields: Field,
) -> Prediction:
    """Exact values without a device, as `hotward predict`.

    Args:
        experiment: An experiment, or the name of a protocol.
        preset: Of the protocol that is named.
        first_reading: "none", "ancilla" or "measured".
        feedback: "deferred" or "measured".
        control: Control arms.
        workers: Processes that share a long sweep, the address of a Dask scheduler, or an executor of one's own.
        fields: Parameters of the protocol that is named.

    Raises:
        RequestError: For anything wrong with the request.

    Examples:
        >>> table = predict("heat-exchange", time=[0, 7.010056]).table
        >>> float(table.query("observable == 'energy' and subject == 'A' and point == 1")["ideal"].iloc[0].round(6))
        0.646482
    """
    words = {name: value for name, value in locals().items() if name not in NO_WORDS}
    from analysis import predict as exact_values
    from hotward.commands.prediction import predicted_experiment
    from hotward.requests import PredictionRequest

    request = requested(PredictionRequest, experiment, fields, words)
    one, options = predicted_experiment(request)
    return Prediction(
        one.name, exact_values(one, options, workers=request.workers), tuple(one.extrema(one.points(options)))
    )


def analyse(
    run: Result | RunRecord | Path | str,
    *,
    runs: Path | str = "runs",
    draws: int | None = None,
    estimator: str | None = None,
    estimators: Mapping[str, str] | None = None,
    intervals: Mapping[str, str] | None = None,
    readout_correction: bool = True,
    scale_errors: bool = False,
    mitigation: str | None = None,
    quantities: str | Sequence[str] | None = None,
    workers: int | str | Executor = 1,
) -> Result:
    """Analyses a run (again); nothing in its directory is changed until `report()` is asked for.

    Args:
        run: A result, a record, a run directory, or its name under `runs`.
        runs: Directory that holds the runs.
        draws: Of the bootstrap; by default as the run recorded it, as all that is not given.
        estimator: "maximum-likelihood", "linear-inversion" or "per-member".
        estimators: Another estimator for some observables.
        intervals: Another interval for some, such as `{"mutual_information": "credible"}`.
        readout_correction: Whether the readout calibration is used.
        scale_errors: Whether errors are widened by sqrt(chi-square/dof) of the run, if above 1.
        mitigation: "none", "symmetry", "survival" or "both".
        quantities: Estimate these and what the verdict needs, e.g. ["heat", "mutual_information"]; "all": every one.
        workers: Processes that share the work, the address of a Dask scheduler, or an executor of one's own.

    Raises:
        RequestError: For an unknown method.
        RunError: For a run that is not complete and unchanged.
    """
    options = {
        "draws": draws,
        "estimator": estimator,
        "estimators": estimators,
        "intervals": intervals,
        "readout_correction": readout_correction,
        "scale_errors": scale_errors,
        "mitigation": mitigation,
        "quantities": tuple(quantities.split(",")) if isinstance(quantities, str) else quantities,
        "workers": workers,
    }
    result = Result(_place(run, runs), options)
    _ = result.analysis  # refused here, not where something of it is first shown
    return result


def open(run: Path | str, *, runs: Path | str = "runs") -> Result | Unfinished:
    """A run on disk: what it says, or how far it is.

    Args:
        run: Its directory, or its name under `runs`.
        runs: Directory that holds the runs.

    Raises:
        RunError: For a directory that is no run, or of which a file was changed.
    """
    from devices import DamagedRun, ForeignRun, status

    path = _place(run, runs)
    state, sentence = status(path)
    if state == "done":
        return Result(path)
    if state in ("foreign", "damaged"):
        raise (ForeignRun if state == "foreign" else DamagedRun)(sentence)
    return Unfinished(path, state, sentence)


def compare(
    *compared: Result | Path | str,
    runs: Path | str = "runs",
    draws: int | None = None,
    mitigation: str | None = None,
    workers: int | str | Executor = 1,
) -> Compared:
    """Several runs in one table and one figure.

    Args:
        compared: Results, run directories, or their names under `runs`.
        runs: Directory that holds the runs.
        draws: Of the bootstrap; by default as each run recorded it.
        mitigation: By default as each run recorded it.
        workers: Processes that share the work, the address of a Dask scheduler, or an executor of one's own.

    Raises:
        RequestError: For runs that share no axis, qubits or unit of energy.
        RunError: For a run that is not complete and unchanged.
    """
    from analysis.report import compare as side_by_side

    places = [_place(one, runs) for one in compared]
    return Compared(side_by_side(places, draws=draws, mitigation=mitigation, workers=workers))


def _place(run: Result | RunRecord | Path | str, runs: Path | str) -> Path:
    """The directory of a run; one on a simulator that lacks nothing but its end gets it."""
    if not isinstance(run, str | Path):
        return run.path
    from devices import finish_measured
    from hotward.commands.listing import find_run

    path = find_run(Path(run), Path(runs))
    finish_measured(path)
    return path
