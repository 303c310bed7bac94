"""ibm:NAME: a backend of the IBM Quantum Platform.

A run is prepared once, checked, estimated, and written to disk with its whole plan; then each of its jobs is submitted
once (`devices.remote.submission`) and collected (`devices.remote.collection`), by this process or any later one.
"""

from __future__ import annotations

import json
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from devices.errors import NotFound, Refused, Unintelligible
from devices.ibm import batches, pubs
from devices.ibm.account import open_cloud
from devices.ibm.cloud import Cloud
from devices.ibm.estimate import cost_of, delay_of, limit
from devices.ibm.options import HardwareOptions
from devices.ibm.preflight import check_backend, check_limit, check_plan, check_usage
from devices.ibm.sampler import PROGRAMS, check_sampler, decoded, send
from devices.model import Cost, Job, JobStatus, Plan
from devices.record import LATER_CALIBRATION, Tally, counts, read_journal, status_of
from devices.remote import Delay, collection, job_seconds, jobs_by_pass, remarks_on_delay, state_now, submission
from devices.snapshots import calibrated
from protocols import Array, Program, RequestError

if typing.TYPE_CHECKING:
    import pandas as pd
    from qiskit.transpiler import Target
    from qiskit_ibm_runtime import IBMBackend

    from devices.chip.crosstalk import WithinShots
    from devices.simulators.aer import Aer


@dataclass(frozen=True, kw_only=True, eq=False)
class IBM:
    """One backend of one instance."""

    backend_name: str
    options: HardwareOptions = field(default_factory=HardwareOptions)
    cloud: Cloud = field(default_factory=open_cloud)
    noisy: bool = True
    white_noise: float = 0.0

    @property
    def name(self) -> str:
        """ "ibm:ibm_fez"."""
        return f"ibm:{self.backend_name}"

    @cached_property
    def backend(self) -> IBMBackend:
        """The backend, asked for once."""
        return _backend(self.cloud, self.backend_name, self.options.fractional)

    @property
    def target(self) -> Target:
        """Its instructions, with the calibration of today."""
        return typing.cast("Target", self.backend.target)

    def whole_target(self) -> Target:
        """Its instructions with its gates of any angle, whether they are asked for or not."""
        if self.options.fractional:
            return self.target
        try:
            # asked for all gates (None) the client gives what it remembers, which may be without them
            return typing.cast("Target", self.cloud.backend(self.backend_name, fractional=True).target)
        except Refused:
            return self.target

    def quanta(self, shots: int, members: int) -> tuple[int, int]:
        """Shots of an executed row, and passes, for the shots of a setting and point over an ensemble.

        Args:
            shots: Of a setting and point.
            members: Of the ensemble of preparations.
        """
        return self.options.quanta(shots, members)

    def describe(self) -> dict[str, object]:
        """Name, instance, options and gates."""
        return {
            "name": self.name,
            "noisy": True,
            "method": "hardware",
            "instance": self.cloud.instance,
            "qubits": self.backend.num_qubits,
            "calibrated": calibrated(self.backend),
            "gates": sorted(self.target.operation_names),
            "options": self.options.words(),
        }

    def prepare(self, program: Program, seed: int) -> Plan:
        """Chooses qubits, makes circuits executable, splits the program into jobs and checks all of it.

        Args:
            program: What to run.
            seed: Of the run.

        Raises:
            RequestError: If the backend cannot run the program, is down, or the usage left does not suffice.
            PlatformError: If the platform does not answer.
        """
        from devices.chip.layout import lay_out, on_chip

        operational, message, _ = self.cloud.condition(self.backend)
        check_backend(self.backend_name, operational, message)
        delay, remarks = self.delay, check_sampler(self.options.sampler)
        layout = lay_out(
            program,
            self.target,
            self.name,
            qubits=self.options.qubits,
            fractional=self.options.fractional,
            copies=self.options.side_by_side,
        )
        executed = layout.executed
        if len(layout.placements) == 1:
            executed = tuple(on_chip(circuit, layout.placement, self.backend.num_qubits) for circuit in executed)
        plan = Plan(
            program=program,
            placements=layout.placements,
            jobs=jobs_by_pass(program, seed, range(len(layout.placements)), layout.packing.get("alone", ())),
            executed=executed,
            calibration=layout.calibration,
            angles=layout.angles,
            packing=layout.packing,
        )
        check_plan(plan, self.target, self.options.words(), self.backend_name)
        return replace(plan, notes=(*remarks, *remarks_on_delay(plan, plan.jobs, self.target, delay)))

    def cost(self, plan: Plan) -> Cost:
        """What the run costs.

        Raises:
            RequestError: If the instance has too little left, or a job is too long.
            PlatformError: If the platform does not answer.
        """
        for job in plan.jobs:
            check_limit(self._seconds(plan, job))
        _, _, waiting = self.cloud.condition(self.backend)
        found = cost_of(plan, self.target, self.delay, self.cloud.seconds_left(), waiting)
        check_usage(found)
        return found

    def files(self) -> dict[str, bytes | str]:
        """Snapshots of the backend: configuration and properties as the platform gives them."""
        properties = self.backend.properties()
        found: dict[str, Any] = {"configuration": self.backend.configuration().to_dict()}
        if properties is not None:
            found["properties"] = properties.to_dict()
        return {f"backend/{name}.json": json.dumps(content, default=str) + "\n" for name, content in found.items()}

    def later_files(self) -> dict[str, bytes | str]:
        """The calibration as the results are collected; nothing where the platform does not give it."""
        found = self.cloud.calibration(self.backend_name)
        return {} if found is None else {LATER_CALIBRATION: json.dumps(found, default=str) + "\n"}

    def predicted(self, plan: Plan) -> dict[str, Array]:
        """What a noise model of the reported calibration gives before readout; empty where that is not known."""
        return self._noise_model().predicted(_on_placed_qubits(plan))

    def expected_probabilities(self, plan: Plan) -> list[Array] | None:
        """The same of what every template reads, readout errors included."""
        return self._noise_model().expected_probabilities(_on_placed_qubits(plan))

    def _noise_model(self) -> Aer:
        from devices.simulators.aer import Aer

        return Aer(backend=self.backend)

    # -- jobs

    def submit(self, plan: Plan, job: Job, run: Path) -> str:
        """The id of a job, which is submitted if it never was.

        Args:
            plan: What the run is to do, as it was prepared.
            job: One of its jobs.
            run: Run directory.

        Raises:
            PlatformError: If it is refused or cannot be settled.
        """
        made = submission.made_before(self.cloud, run, job)
        if made:
            return made
        check_sampler(self.options.sampler)
        most = limit(self._seconds(plan, job), read_journal(run).entry(job.index).given_up)
        about = {
            "backend": self.backend_name,
            "instance": self.cloud.instance,
            "program": PROGRAMS[self.options.sampler],
            "max_execution_time": most,
        }
        sending = partial(self._send, plan, job, most)
        return submission.submit(self.cloud, run, job, sending, lambda: self._mode(plan, run), about)

    def look(
        self, plan: Plan, run: Path, seconds: float | None, watch: Callable[[Sequence[JobStatus]], None]
    ) -> list[JobStatus]:
        """Waits for all submitted jobs.

        Args:
            plan: What the run is to do, as it was prepared.
            run: Run directory.
            seconds: How long to wait [s]; 0 looks once, None waits for ever.
            watch: Told of every round of looks.
        """
        book = read_journal(run)
        submitted = [job for job in plan.jobs if book.entry(job.index).identifier]
        return collection.wait(self.cloud, run, submitted, seconds, watch)

    def collect(self, plan: Plan, job: Job, run: Path) -> Path | None:
        """The verified raw result on disk; None while it is pending or where it failed.

        Args:
            plan: What the run is to do, as it was prepared.
            job: One of its jobs.
            run: Run directory.
        """
        if read_journal(run).entry(job.index).state != "DONE":
            return None
        return collection.fetch(self.cloud, run, job, lambda text: self._tallies(plan, job, text))

    def decode(self, plan: Plan, job: Job, raw: bytes) -> pd.DataFrame:
        """Rows of counts.csv.

        Args:
            plan: What the run is to do, as it was prepared.
            job: One of its jobs.
            raw: Its raw result, as stored.
        """
        return self.decode_together(plan, job, raw)[0]

    def decode_together(self, plan: Plan, job: Job, raw: bytes) -> tuple[pd.DataFrame, WithinShots | None]:
        """Rows of counts.csv, and how bits of copies that shared shots went together; None where there is one copy.

        Args:
            plan: What the run is to do, as it was prepared.
            job: One of its jobs.
            raw: Its raw result, as stored.
        """
        from devices.chip.crosstalk import apart_and_summed

        if plan.copies == 1:
            return counts.rows(plan, job, self._tallies(plan, job, raw.decode())), None
        tallies, sums = apart_and_summed(plan, job, pubs.shots(plan, job, self._decoded(plan, raw.decode())))
        return counts.rows(plan, job, tallies), sums

    def state(self, job: Job, run: Path) -> JobStatus:
        """The state of a job: asked for unless its result is here, for a last word may have been wrong.

        Args:
            job: One of its jobs.
            run: Run directory.
        """
        entry = read_journal(run).entry(job.index)
        look = status_of(entry)
        if not entry.identifier and entry.open is not None:
            return replace(look, reason="sent, and no answer is known: hotward collect settles it")
        if not look.state or entry.collected:
            return look
        return state_now(self.cloud, look.identifier, entry.state)

    def cancel(self, job: Job, run: Path) -> JobStatus:
        """Cancels a job, if it was ever submitted, and says what became of it.

        Args:
            job: One of its jobs.
            run: Run directory.

        Raises:
            PlatformError: If it is not known whether it was, or what became of it.
        """
        identifier = submission.made_before(self.cloud, run, job)
        if not identifier:
            return JobStatus(identifier="", state="")
        look = status_of(read_journal(run).entry(job.index))
        if look.state == "DONE":
            return look
        try:
            if not submission.is_own(self.cloud, run, identifier):
                return JobStatus(identifier=identifier, state="ERROR", reason=submission.NOT_OURS)
            self.cloud.cancel(identifier)
        except NotFound:
            pass
        return state_now(self.cloud, identifier)

    def sweep(self, run: Path) -> None:
        """Cancels jobs that are too many, and closes what is open."""
        submission.sweep(self.cloud, run)
        self.close(run)

    def close(self, run: Path) -> None:
        """Closes the batches of a run."""
        batches.close(self.cloud, run)

    def _tallies(self, plan: Plan, job: Job, text: str) -> list[Tally]:
        """Counts of a raw result, which is refused where it is not that of the job."""
        return pubs.tallies(plan, job, self._decoded(plan, text))

    def _decoded(self, plan: Plan, text: str) -> Any:
        return decoded(text, PROGRAMS[self.options.sampler], pubs.registers(plan))

    def _send(self, plan: Plan, job: Job, most: int, mode: Any, tags: list[str]) -> Any:
        sent = pubs.pubs(plan, job, self.backend.num_qubits)
        return send(mode, sent, plan.program.shots_per_row, self.options, tags, most)

    def _mode(self, plan: Plan, run: Path) -> Any:
        """Where a job is submitted: the batch of the run, or the backend itself in job mode."""
        if self.options.mode == "job" or len(plan.jobs) == 1:
            return self.backend
        return batches.current(self.cloud, run, self.backend) or self.backend

    def _seconds(self, plan: Plan, job: Job) -> float:
        return job_seconds(plan, job, self.target, self.delay.seconds)

    @property
    def delay(self) -> Delay:
        """Between executions, as asked for or by default of the backend."""
        return delay_of(self.backend.configuration(), self.options.rep_delay, self.backend_name)


def _on_placed_qubits(plan: Plan) -> Plan:
    """Wire i is the i-th physical qubit of the placement, which it is already where the plan is, or was, of copies."""
    from devices.chip.layout import off_chip

    if plan.copies > 1 or all(circuit.num_qubits == len(plan.placements[0].physical) for circuit in plan.executed):
        return plan
    return replace(plan, executed=tuple(off_chip(circuit, plan.placements[0]) for circuit in plan.executed))


def _backend(cloud: Cloud, name: str, fractional: bool) -> IBMBackend:
    try:
        return cloud.backend(name, fractional=fractional)
    except (Refused, Unintelligible) as error:
        known = {str(backend.name): backend for backend in cloud.backends()}
        if name in known and fractional and "rzz" not in known[name].target.operation_names:
            raise RequestError(
                f"Argument `fractional` needs gates of any angle, but {name} has none. Drop --fractional."
            ) from error
        if name in known or not known:
            raise
        raise RequestError(
            f"Argument `device` must be ibm:NAME with a backend of the instance, but is 'ibm:{name}'. It has "
            f"{', '.join(sorted(known)) or 'none'}."
        ) from error


def reopen(about: Mapping[str, Any]) -> IBM:
    """The device of a stored run.

    Args:
        about: What start.json says of the device.

    Raises:
        RequestError: If this machine is set up for another instance.
    """
    cloud = open_cloud()
    if cloud.instance != about["instance"]:
        raise RequestError(
            f"Argument QISKIT_IBM_INSTANCE must be the instance that the run was submitted to, {about['instance']}, "
            f"but is {cloud.instance}. Set it for this command."
        )
    name = str(about["name"]).removeprefix("ibm:")
    return IBM(backend_name=name, options=HardwareOptions.of(about["options"]), cloud=cloud)
