"""Jobs and sessions of the local IBM platform, as they are at any time."""

from __future__ import annotations

import secrets
import threading
import time
import typing
from collections.abc import Callable
from dataclasses import replace

from fake_ibm_faults import JobFault
from fake_ibm_records import Refusal
from fake_ibm_work import Job, Session, now


class Store:
    """All jobs and sessions. A session past its `max_ttl` is closed before anyone looks."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._jobs: dict[str, Job] = {}
        self._sessions: dict[str, Session] = {}
        self._count = 0

    @property
    def jobs(self) -> dict[str, Job]:
        with self._lock:
            self._expire()
            return dict(self._jobs)

    @property
    def sessions(self) -> dict[str, Session]:
        with self._lock:
            self._expire()
            return dict(self._sessions)

    def job(self, crn: str, job_id: str) -> Job:
        """One job of an instance."""
        job = self.jobs.get(job_id)
        if job is None or job.crn != crn:
            raise Refusal(404, 1291, f"Job not found. Job ID: {job_id}")
        return job

    def session(self, crn: str, session_id: str) -> Session:
        """One session of an instance."""
        session = self.sessions.get(session_id)
        if session is None or session.crn != crn:
            raise Refusal(404, 1222, f"Session not found: {session_id}")
        return session

    def add_job(self, strike: Callable[[], JobFault | None], **fields: typing.Any) -> Job:
        """Takes a job, unless its session is closed.

        Args:
            strike: Gives the fault of a job that is taken.
            fields: Of the job.
        """
        with self._lock:
            session_id = fields["session_id"]
            if session_id and not self.session(fields["crn"], session_id).accepting_jobs:
                raise Refusal(400, 1217, "Session is closed.")
            job = Job(id=f"d{secrets.token_hex(10)[:19]}", number=self._count, fault=strike(), **fields)
            self._count += 1
            self._jobs[job.id] = job
            return job

    def change_job(self, job_id: str, **fields: typing.Any) -> None:
        """Changes what is known of a job, if it is known at all."""
        with self._lock:
            if job_id in self._jobs:
                self._jobs[job_id] = replace(self._jobs[job_id], **fields)

    def begin(self, job_id: str) -> Job | None:
        """The job begins to run, unless there is nothing to run."""
        with self._lock:
            job = self.jobs.get(job_id)
            if job is None or job.final or job.cancelled.is_set():
                return None
            self.change_job(job_id, status="Running", running=now())
            if job.session_id:
                activated = self._sessions[job.session_id].activated_at or now()
                self._change_session(job.session_id, state="active", activated_at=activated, last_job_started=now())
            return job

    def end(self, job_id: str, status: str, **fields: typing.Any) -> bool:
        """The job ends; False if it already had. The last one of a closing session closes it."""
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None or job.final:
                return False
            self.change_job(job_id, status=status, finished=now(), **fields)
            if job.session_id:
                self._change_session(job.session_id, last_job_completed=now())
                if not self._sessions[job.session_id].accepting_jobs:
                    self.close_session(job.session_id, cancel=False)
            return True

    def cancel(self, job: Job, reason: str = "Cancelled by user") -> None:
        """Cancels a job that has not ended."""
        if not self.end(job.id, "Cancelled", reason=reason):
            raise Refusal(409, 1293, "Job cannot be cancelled: already in a terminal state.")
        job.cancelled.set()

    def read(self, job: Job) -> str | None:
        """The result; that of a private job is given once."""
        with self._lock:
            job = self._jobs.get(job.id, job)
            if job.result is not None:
                self.change_job(job.id, read=job.read + 1, result=None if job.private else job.result)
            return job.result

    def forget(self, job_id: str) -> None:
        """As if the job had never been."""
        with self._lock:
            self._jobs.pop(job_id, None)

    def add_session(self, session: Session) -> None:
        with self._lock:
            self._sessions[session.id] = session

    def close_session(self, session_id: str, *, cancel: bool, at: float | None = None) -> None:
        """Lets a session accept no more jobs, and closes it when none is left.

        Args:
            session_id: Which.
            cancel: Whether queued jobs are cancelled and it closes at once, even if a job still runs.
            at: When it closed, seconds since the epoch, if not now.
        """
        with self._lock:
            if self._sessions[session_id].closed is not None:
                return
            unfinished = [job for job in self._jobs.values() if job.session_id == session_id and not job.final]
            closed = {"state": "closed", "closed": at or time.time()} if cancel or not unfinished else {}
            self._change_session(session_id, accepting_jobs=False, **closed)
            for job in unfinished if cancel else []:
                if job.status == "Queued":
                    self.cancel(job, "Session closed")

    def age_sessions(self, seconds: float) -> None:
        """Makes every session older."""
        with self._lock:
            for session in [*self._sessions.values()]:
                self._change_session(session.id, created=session.created - seconds)

    def _expire(self) -> None:
        for session in [*self._sessions.values()]:
            end = session.created + session.max_ttl
            if time.time() >= end:
                self.close_session(session.id, cancel=True, at=end)

    def _change_session(self, session_id: str, **fields: typing.Any) -> None:
        self._sessions[session_id] = replace(self._sessions[session_id], **fields)
