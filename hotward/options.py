"""The words of the command line: name, type and help of every option that more than one command has.

They are declared in the order in which `--help` shows them; see `hotward.typer_commands.from_request`.
"""

from __future__ import annotations

import typing
from pathlib import Path
from typing import Annotated, Any

import typer


def _whole_number(text: str) -> int:
    """A whole number; the message names the value, which typer's own does not."""
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(f"must be a whole number, but is {text!r}") from None


def _count(explained: str) -> Any:
    return typer.Option(parser=_whole_number, metavar="<int>", help=explained)


StudyKind = Annotated[
    str,
    typer.Argument(
        metavar="coverage|pulls|power",
        help="coverage: how often 95 % intervals hold the truth; pulls: (value - truth)/stderr; power: the verdicts.",
    ),
]
Protocol = Annotated[str, typer.Argument(help="Name of a protocol; hotward list has them.")]
Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE...",
        help="Counts, expectation values or density matrices; docs/your-own-counts.md has every form. Several results, "
        "or a folder of them, are read as one.",
    ),
]
Run = Annotated[Path, typer.Argument(help="Directory of a run, or its name under --runs.")]
ImportedProtocol = Annotated[str | None, typer.Option(help="Protocol that was carried out; hotward list has them.")]
Preset = Annotated[str | None, typer.Option(help="Named parameter values; hotward list has them.")]
Values = Annotated[
    list[str],
    typer.Option("--set", help="name=value, name=start:stop:count or name=0,5,7.5; repeatable, overrides the preset."),
]
DeviceName = Annotated[
    str,
    typer.Option(
        help="exact, exact:white=0.02, aer, aer:fake_NAME such as aer:fake_boston, or aer:fake_NAME:gates (hotward "
        "list), or ibm:NAME (hotward backends)."
    ),
]
Shots = Annotated[int, _count("Shots per setting and point, over the ensemble members.")]
Target = Annotated[
    str | None,
    typer.Option(help="Divide the shots for heat, mutual_information or concurrence. Default: evenly."),
]
Bases = Annotated[
    str | None,
    typer.Option(help="A named set of the protocol (hotward list has them), or a list such as ZZ,XX."),
]
ImportedBases = Annotated[
    str | None,
    typer.Option(help="What the settings are declared to determine, as for run. Default: what they do."),
]
Form = Annotated[
    str, typer.Option("--from", help="auto, csv, qiskit, runtime, braket, ionq or states. auto looks at the content.")
]
Order = Annotated[
    str | None,
    typer.Option(help="first: the leftmost character of an outcome is the first qubit; last: the last, as in Qiskit."),
]
Read = Annotated[
    str | None, typer.Option(help="Names of the measured bits that are the qubits, e.g. A,B; others are traced out.")
]
ImportedShots = Annotated[int | None, _count("Of each circuit, where the file has probabilities or density matrices.")]
LayoutFile = Annotated[
    Path | None, typer.Option("--layout", help="CSV file with what each circuit measured: basis, time, ...")
]
Ground = Annotated[
    str, typer.Option(help="0; 1: inverted labels; X: the ground state was prepared as |1> by an X gate.")
]
QubitGaps = Annotated[
    str | None,
    typer.Option("--gaps", help="Gap of each qubit where they are unequal: A=1,B=0.75 or A=5GHz,B=4.8GHz."),
]
CommonError = Annotated[
    float | None,
    typer.Option("--stderr", help="Standard error of all expectation values, where the file has no column of it."),
]
Preparation = Annotated[
    str | None,
    typer.Option(help="How mixtures are made: ensemble, purified; of bath qubits also measured, random."),
]
Ancillas = Annotated[
    str | None, typer.Option(help="fresh: a bath qubit for every collision; reset: one, reset in between.")
]
Merge = Annotated[bool, typer.Option("--merge", help="One gate for preparation and evolution, where axes agree.")]
FirstReading = Annotated[
    str | None,
    typer.Option(help="Of A's energy, in two arms of their own: none, ancilla, or measured within the circuit."),
]
Feedback = Annotated[
    str | None,
    typer.Option(help="deferred: gates controlled by the qubit; measured: it is read, and the result is acted on."),
]
Control = Annotated[
    str | None,
    typer.Option(help="Control arms in the same job, e.g. none,dephased, or off. Default: none if noisy."),
]
Fold = Annotated[
    str | None,
    typer.Option(help="Arms of circuits so many times as long, e.g. 1,3: a check by zero-noise extrapolation."),
]
Reference = Annotated[str, typer.Option(help="Count heat from the measured state at time 0, or the nominal one.")]
Calibration = Annotated[int | None, _count("Shots of each readout pattern. Default: as --shots if noisy, else 0.")]
Repeats = Annotated[int, _count("Simulated runs, each with a seed of its own.")]
StudySeed = Annotated[int | None, _count("Of all simulated runs; drawn and recorded if not given.")]
StudyDirectory = Annotated[
    Path | None,
    typer.Option(help="Directory of the study; one that is there goes on. Default: a new one under --runs."),
]
Seed = Annotated[int | None, _count("Root of all randomness; drawn and recorded if not given.")]
PlannedSeed = Annotated[int | None, _count("Of the run that is proposed; a plan itself draws nothing.")]
ImportedSeed = Annotated[int | None, _count("Recorded; nothing random is done here, the draws are seeded by the data.")]
Runs = Annotated[Path, typer.Option(help="Directory that holds the runs.")]
Draws = Annotated[int | None, _count("Bootstrap draws. Default: 100, or what the run recorded.")]
ImportedDraws = Annotated[int | None, _count("Bootstrap draws. Default: 100.")]
Estimator = Annotated[
    str | None,
    typer.Option(
        help="maximum-likelihood, linear-inversion or per-member. Default: the first, or what the run recorded."
    ),
]
Quantities = Annotated[
    str | None,
    typer.Option(
        help="Names such as heat,mutual_information, or all. Energies, heat and all that is linear in the counts are "
        "always there. Default: all, or what the run recorded."
    ),
]
Mitigation = Annotated[
    str | None,
    typer.Option(
        help="Rows with errors of gates removed beside the raw ones: none, symmetry, survival or both. Default: none, "
        "or what the run recorded. A plan says whether it could be done, and has errors of raw rows."
    ),
]
Qubits = Annotated[
    str | None,
    typer.Option(help="Physical qubits such as 12,13, in the order of the wires. Default: the best by calibration."),
]
Copies = Annotated[
    str,
    typer.Option(metavar="<int>|all", help="Copies of the experiment side by side on the chip, or all that fit."),
]
Spacing = Annotated[int, _count("Idle qubits between copies; 1: no coupler joins two of them.")]
Alone = Annotated[int, _count("Passes more in which some of the copies run while all others idle: shows crosstalk.")]
Floor = Annotated[float, typer.Option(help="Least score of a copy, as a fraction of the best place's.")]
Passes = Annotated[int, _count("Hardware: passes over which the repeats of every row are spread.")]
Decoupling = Annotated[str, typer.Option(help="Hardware: dynamical decoupling, off, XX, XpXm or XY4.")]
Twirling = Annotated[str, typer.Option(help="Hardware: Pauli twirling, off, gates, measure or all.")]
Fractional = Annotated[bool, typer.Option("--fractional", help="Use gates of any angle, where the chip has them.")]
Sampler = Annotated[str, typer.Option(help="Hardware: executor (the client's own), or legacy while IBM still has it.")]
RepDelay = Annotated[
    float | None,
    typer.Option(metavar="MICROSECONDS", help="Hardware: wait between executions. Default: that of the backend."),
]
Mode = Annotated[str, typer.Option(help="Hardware: submit several jobs in a batch, or each as a job for itself.")]
Seconds = Annotated[float | None, typer.Option(help="Hardware: refuse a run of more QPU seconds than this.")]
Yes = Annotated[bool, typer.Option("--yes", help="Hardware: submit without asking.")]
TableFile = Annotated[Path | None, typer.Option(help="Write the table to this CSV file.")]
PlanDirectory = Annotated[
    Path | None, typer.Option(help="Directory for tables and figure. Default: a new one under --runs.")
]
WorkersOption = Annotated[
    str,
    typer.Option(
        "--workers",
        metavar="N|tcp://HOST:PORT",
        help="Processes that share the work, or a Dask scheduler (hotward[cluster]); the answers are the same bits.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output instead of tables.")]

ORDER: tuple[Any, ...] = tuple(word for word in list(globals().values()) if typing.get_origin(word) is Annotated)
"""All of the above, as `--help` shows them."""
