"""Jobs of the local IBM platform from submission to the end: taken, queued, run on Aer, charged."""

from __future__ import annotations

import queue
import threading
import traceback
import typing
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from fake_ibm_aer import Pub, sample
from fake_ibm_chip import Chip, check
from fake_ibm_faults import Faults, JobFault
from fake_ibm_programs import PROGRAMS, Ran, validate
from fake_ibm_records import Refusal, Settings
from fake_ibm_store import Store
from fake_ibm_work import Job
from virtual_clock import VirtualClock

# A toy model of what is charged: seconds of a job, and of one execution.
_OVERHEAD, _EXECUTION = 1.0, 300e-6
_NO_FAULT = JobFault(outcome="slow")


class Runs:
    """Workers that run the jobs of a store."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        faults: Faults,
        chip: Callable[[str], Chip],
        charge: Callable[[str, float], None],
        workers: int,
        clock: VirtualClock,
    ) -> None:
        self._store, self._settings, self._faults, self._chip, self._charge = store, settings, faults, chip, charge
        self._lock = threading.Lock()
        self._clock = clock
        self._work_done = threading.Condition()
        self._unfinished = 0
        """Jobs that are ready or run, and wait for nothing but a processor."""
        self._taken: list[float] = []
        self._ready: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._workers = [threading.Thread(target=self._work, daemon=True) for _ in range(workers)]

    def start(self) -> None:
        for worker in self._workers:
            worker.start()

    def stop(self) -> None:
        """Gives up what is left and waits for the workers."""
        for job in self._store.jobs.values():
            job.cancelled.set()
        for _ in self._workers:
            self._ready.put(None)
        for worker in self._workers:
            worker.join()

    def finish_work(self) -> None:
        """Waits until every job has ended that waits for nothing but a processor."""
        with self._work_done:
            self._work_done.wait_for(lambda: self._unfinished == 0, timeout=60)

    def _count(self, more: int) -> None:
        with self._work_done:
            self._unfinished += more
            self._work_done.notify_all()

    def _put(self, job_id: str) -> None:
        self._count(1)
        self._ready.put(job_id)

    def submit(self, crn: str, backend: str, asked: Mapping[str, typing.Any]) -> Job:
        """Takes a job.

        Args:
            crn: Of the instance that pays.
            backend: One that the instance may use.
            asked: Body of POST /jobs.

        Raises:
            Refusal: If it is not taken.
        """
        self._pace()
        if asked["program_id"] not in PROGRAMS:
            raise Refusal(400, 1208, f"Program {asked['program_id']!r} is not supported by this local platform.")
        if self._settings.validate_schema:
            validate(asked["program_id"], asked["params"])
        job = self._store.add_job(
            self._faults.of_job,
            crn=crn,
            backend=backend,
            program=asked["program_id"],
            params=asked["params"],
            tags=tuple(asked.get("tags") or ()),
            session_id=asked.get("session_id"),
            cost=asked.get("cost"),
            private=bool(asked.get("private")),
            image=asked.get("runtime") or "",
        )
        if job.fault or self._settings.queue_delay:
            threading.Thread(target=self._queue, args=(job, job.fault or _NO_FAULT), daemon=True).start()
        else:
            self._put(job.id)
        return job

    def _pace(self) -> None:
        if self._settings.rate_limit is None:
            return
        most, window = self._settings.rate_limit
        with self._lock:
            self._taken = [instant for instant in self._taken if instant > self._clock.seconds() - window]
            if len(self._taken) >= most:
                raise Refusal(429, 1202, f"Too many requests received: limit is {most} per {window:.0f} s.")
            self._taken.append(self._clock.seconds())

    def _queue(self, job: Job, fault: JobFault) -> None:
        if fault.outcome == "stuck":
            fault.arrived.set()
            return
        if fault.outcome == "hold_queued":
            _hold(job, fault)
        delay = self._settings.queue_delay if fault.queue_s is None else fault.queue_s
        if not self._clock.wait(job.cancelled, delay):
            self._put(job.id)

    def _work(self) -> None:
        while (job_id := self._ready.get()) is not None:
            job = self._store.begin(job_id)
            if job is not None:
                self._run(job, job.fault or _NO_FAULT)
            self._count(-1)

    def _run(self, job: Job, fault: JobFault) -> None:
        self._count(-1)
        if fault.outcome == "hold_running":
            _hold(job, fault)
        cancelled = self._clock.wait(
            job.cancelled, self._settings.run_delay if fault.seconds is None else fault.seconds
        )
        self._count(1)
        if cancelled:
            return
        if fault.outcome == "fail":
            reason = fault.reason or "Injected failure"
            self._store.end(job.id, "Failed", reason=reason, reason_code=fault.code, result=reason, log="injected")
        elif fault.outcome == "cancelled":
            self._store.end(job.id, "Cancelled", reason=fault.reason or "Cancelled by an administrator")
        elif fault.outcome == "status":
            self._store.change_job(job.id, status=fault.status, reason=fault.reason)
        else:
            self._execute(job, fault)

    def _execute(self, job: Job, fault: JobFault) -> None:
        try:
            ran = self._ran(job)
        except Exception as wrong:
            trace = traceback.format_exc()
            reason = f"{type(wrong).__name__}: {wrong}"
            self._store.end(job.id, "Failed", reason=reason, reason_code=1519, result=trace, log=trace)
            return
        usage = round(_OVERHEAD + ran.executions * _EXECUTION, 3)
        if fault.outcome == "ran_too_long" or (job.cost and usage > job.cost):
            told = "Job exceeded its maximum execution time"
            self._store.end(job.id, "Cancelled", reason="Ran too long", reason_code=1305, estimate=usage, result=told)
        elif self._store.end(job.id, "Completed", result=ran.text, usage=usage, estimate=usage):
            self._charge(job.crn, usage)

    def _ran(self, job: Job) -> Ran:
        chip, settings = self._chip(job.backend), self._settings
        random = np.random.default_rng(None if settings.seed is None else [settings.seed, job.number])

        def measure(pubs: Sequence[Pub], shots: int) -> list[np.ndarray]:
            for pub in pubs if settings.validate_isa else ():
                check(pub.circuit, pub.values, chip.target)
            return sample(pubs, shots, random, chip.target if settings.noisy else None)

        return PROGRAMS[job.program](job.params, measure, random)


def _hold(job: Job, fault: JobFault) -> None:
    """Until the fault lets the job go, or it is cancelled."""
    fault.arrived.set()
    while not fault.release.wait(0.01) and not job.cancelled.is_set():
        pass
