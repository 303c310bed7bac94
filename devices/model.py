"""What a device is and what it is asked to do: placements, jobs, plans."""

from __future__ import annotations

import hashlib
import typing
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from protocols import Array, Program

if typing.TYPE_CHECKING:
    import pandas as pd
    from qiskit import QuantumCircuit


State = typing.Literal["", "QUEUED", "RUNNING", "DONE", "CANCELLED", "ERROR"]
"""Of a job on a platform; empty before it was submitted."""
FINAL: tuple[State, ...] = ("DONE", "CANCELLED", "ERROR")


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where one copy of the experiment sits on the chip."""

    copy: int
    physical: Mapping[str, int]
    """Wire -> physical qubit."""
    score: float
    """Estimated probability that no error happens, from the calibration; 1 without one."""


@dataclass(frozen=True, kw_only=True)
class ResultAddress:
    """Address of one raw result: (item, row) of a job -> (block, row, pass) of the program, on one of its copies."""

    item: int
    row: int
    block: int
    block_row: int
    pass_: int
    shots: int
    copy: int = 0
    """Of the experiment on the chip."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What fits one submission; a run has one or more."""

    index: int
    seed: int
    """A child of the run's SeedSequence, never used by two simulator calls."""
    slots: tuple[ResultAddress, ...]
    digest: str
    """sha256 of settings, angles, shots and seed."""

    @property
    def shots(self) -> int:
        """Executions: all shots of one copy, for copies that share a job run at once."""
        return sum(slot.shots for slot in self.slots if slot.copy == self.slots[0].copy)


@dataclass(frozen=True, kw_only=True, order=True)
class Piece:
    """Slots of a job that a simulator measures at once, in one of the calls that the shots of the job take."""

    job: int
    call: int
    first: int
    """Place of its first slot among those of the job."""
    end: int
    """And the place after its last one."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """A program made ready for one device: everything that is decided before the first shot."""

    program: Program
    placements: tuple[Placement, ...]
    """One a copy, the best first."""
    jobs: tuple[Job, ...]
    executed: tuple[QuantumCircuit, ...] = ()
    """The circuit of each block as the device runs it; empty where no circuit runs. Of several copies the circuit of
    any one: wire i is the i-th qubit of its placement."""
    angles: Mapping[int, tuple[tuple[str, ...], Array]] = field(default_factory=dict)
    """Angles of the blocks whose executed template has others than the program: names, and values (rows, names)."""
    calibration: Mapping[str, object] = field(default_factory=dict)
    """Errors and lifetimes of the qubits used, as the device reports them."""
    notes: tuple[str, ...] = ()
    """What the user should know about this run."""
    packing: Mapping[str, Any] = field(default_factory=dict)
    """How copies were chosen; empty where there is one."""

    @property
    def copies(self) -> int:
        """Copies of the experiment that are measured side by side."""
        return len(self.placements)

    @property
    def alone(self) -> tuple[tuple[int, ...], ...]:
        """The copies that run in each pass in which all others idle."""
        return tuple(tuple(own) for own in self.packing.get("alone", ()))

    def of_copy(self, copy: int) -> Plan:
        """The same for one copy alone.

        Args:
            copy: Its number.
        """
        return replace(self, placements=(self.placements[copy],), packing={})

    def executed_angles(self, index: int) -> tuple[tuple[str, ...], Array]:
        """Names of the free angles of an executed template, and their values, (rows, names)."""
        block = self.program.blocks[index]
        return self.angles.get(index, (block.names, block.values))


class Device(typing.Protocol):
    """Anything that can run a program. Simulators finish at once, hardware may be collected tomorrow."""

    @property
    def name(self) -> str:
        """As on the command line: "aer:fake_fez"."""
        ...

    @property
    def noisy(self) -> bool:
        """Whether readout calibration and a control belong into a run by default."""
        ...

    @property
    def white_noise(self) -> float:
        """Fraction of the maximally mixed state that is part of the exact states: 0 but for `exact:white=...`."""
        ...

    def describe(self) -> dict[str, object]:
        """What start.json says about the device."""
        ...

    def prepare(self, program: Program, seed: int) -> Plan:
        """Chooses qubits, makes circuits executable and splits the program into jobs; refuses here."""
        ...

    def predicted(self, plan: Plan) -> Mapping[str, Array]:
        """What the device's noise model gives exactly, before readout, as far as it is known.

        Returns:
            `state`, (arms, points, d, d), and `register_NAME`, mean energies of ancillas, (arms, points) [gap]; of
            several copies with an axis of copies before these. Empty if unknown.
        """
        ...

    def submit(self, plan: Plan, job: Job, run: Path) -> str:
        """Hands one job over and returns its id."""
        ...

    def collect(self, plan: Plan, job: Job, run: Path) -> Path | None:
        """The raw result, on disk, or None while it is pending."""
        ...

    def decode(self, plan: Plan, job: Job, raw: bytes) -> pd.DataFrame:
        """Content of the raw file -> rows of counts.csv."""
        ...


@typing.runtime_checkable
class DividedDevice(Device, typing.Protocol):
    """A simulator whose jobs fall into pieces that any process can measure, with equal counts."""

    def pieces(self, plan: Plan, job: Job) -> Sequence[Piece]:
        """What of a job is measured at once; it depends on the job alone. Together: every slot with all its shots."""
        ...

    def templates(self, plan: Plan, job: Job) -> Any:
        """What all pieces of a job have in common."""
        ...

    def task(self, plan: Plan, job: Job, piece: Piece, templates: Any) -> Any:
        """Everything that the measurement of a piece needs, to be sent to another process.

        Args:
            plan: A prepared plan.
            job: Whose slots they are.
            piece: Which of them.
            templates: Of the job.
        """
        ...

    @staticmethod
    def measure(task: Any) -> list[Mapping[str, int]]:
        """The tallies of the slots of a piece."""
        ...


@dataclass(frozen=True, kw_only=True)
class Cost:
    """The size of a run on hardware and what it should cost."""

    circuits: int
    """Templates."""
    executions: int
    """Circuits run, shots and repeats counted."""
    jobs: int
    seconds: float
    """QPU time of all jobs, an estimate."""
    seconds_at_most: int
    """The sum of the limits at which the platform stops the jobs."""
    seconds_left: float | None
    """What the instance may still use; None without a limit."""
    qubits: Mapping[str, int]
    """Wire -> physical qubit, of the best copy."""
    queue: int
    """Jobs that wait on the device."""
    remarks: tuple[str, ...] = ()
    """What makes it dearer than it need be."""
    copies: int = 1
    """That every execution holds."""

    @property
    def text(self) -> str:
        """In one line."""
        placed = ", ".join(f"{wire} = {qubit}" for wire, qubit in self.qubits.items())
        where = f"qubits {placed}" if self.copies == 1 else f"{self.copies} copies in each, the best on {placed}"
        left = "no limit on the instance" if self.seconds_left is None else f"{self.seconds_left:.0f} s left"
        return (
            f"{self.circuits} circuits, {self.executions} executions in {self.jobs} "
            f"{'job' if self.jobs == 1 else 'jobs'}: about {self.seconds:.0f} s of QPU time, stopped at "
            f"{self.seconds_at_most} s; {left}; {where}; {self.queue} waiting"
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for start.json."""
        unsaid = {"remarks": (), "copies": 1}
        return {name: value for name, value in asdict(self).items() if name not in unsaid or value != unsaid[name]}


@dataclass(frozen=True, kw_only=True)
class JobStatus:
    """What a platform says of a job."""

    identifier: str
    """Empty for a job that was not submitted."""
    state: State
    reason: str = ""
    """Why it failed or was cancelled, in the platform's words."""
    seconds: float | None = None
    """QPU seconds charged, once it is final and they are known."""
    started: str = ""
    """When it ran, as the platform says."""
    finished: str = ""


class Sums(typing.Protocol):
    """What is kept of shots that several copies shared: `devices.chip.crosstalk.WithinShots`."""

    def __add__(self, other: typing.Any) -> typing.Any:
        """Of the shots of both."""
        ...

    def arrays(self) -> Mapping[str, Array]:
        """By name, as they are stored."""
        ...


@typing.runtime_checkable
class RemoteDevice(Device, typing.Protocol):
    """A device whose jobs outlive the process that submits them. `submit` and `collect` may be repeated at will."""

    def cost(self, plan: Plan) -> Cost:
        """What the jobs of a plan cost; refuses what the account cannot pay."""
        ...

    def files(self) -> dict[str, bytes | str]:
        """What to keep of the device in the run directory."""
        ...

    def later_files(self) -> dict[str, bytes | str]:
        """What to keep of the device once the results are here; empty where it does not answer at once."""
        ...

    def quanta(self, shots: int, members: int) -> tuple[int, int]:
        """Shots of an executed row, and passes, for the shots of a setting and point over an ensemble."""
        ...

    def decode_together(self, plan: Plan, job: Job, raw: bytes) -> tuple[pd.DataFrame, Sums | None]:
        """Rows of counts.csv, and how bits of copies that shared shots went together; None where there is one copy."""
        ...

    def look(
        self, plan: Plan, run: Path, seconds: float | None, watch: Callable[[Sequence[JobStatus]], None]
    ) -> list[JobStatus]:
        """Waits for the jobs of a run, tells of every round, and returns the last look at each."""
        ...

    def state(self, job: Job, run: Path) -> JobStatus:
        """The state of a job, asked for once."""
        ...

    def cancel(self, job: Job, run: Path) -> JobStatus:
        """Cancels a job, if it was ever submitted, and says what became of it."""
        ...

    def close(self, run: Path) -> None:
        """Closes what was opened for the run."""
        ...

    def sweep(self, run: Path) -> None:
        """Cancels what is on the platform and not needed, and closes what is open."""
        ...


def addresses_of(
    program: Program, copies: Iterable[int] = (0,), alone: Sequence[Collection[int]] = ()
) -> list[ResultAddress]:
    """Every row with shots, in executed order; calibration rows carry pass 0 before and 1 after the rest.

    Passes in which some copies run alone have numbers after those of the program, and the rows of one of these.

    Args:
        program: What is to be run.
        copies: Numbers of the copies that run it.
        alone: The copies that run in each pass in which all others idle.
    """
    each = tuple(copies)
    running = [each] * program.passes + [tuple(copy for copy in each if copy in own) for own in alone]
    return [
        ResultAddress(
            item=index,
            row=int(row),
            block=index,
            block_row=int(row),
            pass_=int(row) if program.blocks[index].prepared else pass_,
            shots=int(repeats[row]) * program.shots_per_row,
            copy=copy,
        )
        for pass_, own in enumerate(running)
        for index, repeats in program.rows_of_pass(pass_ % program.passes)
        if pass_ < program.passes or not program.blocks[index].prepared
        for row in np.flatnonzero(repeats)
        for copy in own
    ]


def jobs_of(program: Program, seed: int, groups: Iterable[tuple[ResultAddress, ...]]) -> tuple[Job, ...]:
    """Jobs from groups of slots, each with its own child of the run's seed (stream 1; analysis has stream 2).

    Args:
        program: What the slots are rows of; the digest of a job covers its settings and angles [rad].
        seed: Of the run.
        groups: The slots of each job, in the order in which the jobs run.

    Returns:
        One job a group, numbered from 0.
    """
    groups = list(groups)
    children = np.random.SeedSequence([seed, 1]).spawn(len(groups))
    found = []
    for index, (slots, child) in enumerate(zip(groups, children, strict=True)):
        own = int(child.generate_state(1)[0])
        found.append(Job(index=index, seed=own, slots=slots, digest=_digest(program, slots, own)))
    return tuple(found)


def _digest(program: Program, slots: tuple[ResultAddress, ...], seed: int) -> str:
    # addresses were called slots when the first runs were made, and had one copy, whose digests stay comparable
    addresses = repr((program.experiment.name, slots, seed)).replace("ResultAddress(", "Slot(")
    addresses = addresses.replace(", copy=0)", ")")
    digest = hashlib.sha256(addresses.encode())
    for index in dict.fromkeys(slot.block for slot in slots):
        block = program.blocks[index]
        digest.update(repr((block.setting, block.prepared, block.names)).encode())
        digest.update(np.ascontiguousarray(block.values).tobytes())
    return digest.hexdigest()
