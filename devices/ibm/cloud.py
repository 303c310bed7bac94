"""One instance of the platform, and everything that is ever asked of it.

Reads may be repeated; what costs money is done once and leaves its classification to `devices.remote.submission`.
"""

from __future__ import annotations

import contextlib
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from devices.errors import NotAuthorised, NotFound, PlatformError, Unintelligible, Unreachable
from devices.ibm import client
from devices.ibm.client import ask
from devices.ibm.credentials import Credentials
from devices.ibm.tagged import jobs_tagged
from devices.model import FINAL, JobStatus, State
from devices.remote import MOST_ODD, Patience

if typing.TYPE_CHECKING:
    from qiskit_ibm_runtime import IBMBackend, QiskitRuntimeService, RuntimeJobV2

Value = TypeVar("Value")
_SOON = 20.0
"""How long is waited for what nothing depends on [s]."""
_MOST_CHARACTERS = 200
"""Of a reason."""
STATES: tuple[State, ...] = typing.get_args(State)


@dataclass(kw_only=True)
class Cloud:
    """An open instance. Opened lazily, and once more when a token is refused."""

    account: Credentials
    instance: str
    """Its CRN."""
    patience: Patience
    _service: QiskitRuntimeService | None = field(default=None, repr=False)
    _jobs: dict[str, RuntimeJobV2] = field(default_factory=dict, repr=False)
    """The client's jobs by id, so that a look is one request."""

    # -- reading

    def backend(self, name: str, *, fractional: bool | None = False) -> IBMBackend:
        """A backend by name, with or without its fractional gates.

        Args:
            name: "ibm_fez".
            fractional: Whether its gates of any angle are asked for; then others are missing. None: all that it has.
        """

        def load(service: QiskitRuntimeService) -> IBMBackend:
            return _with_calibration(client.backend_by_name(service, name, fractional=fractional))

        return self._read(f"backend {name}", load)

    def backends(self) -> list[IBMBackend]:
        """All backends of the instance whose configuration comes, with every gate that they have."""
        found = self._read("the backends", lambda s: list(s.backends(use_fractional_gates=None)))
        if not found and not self.names():
            raise Unreachable("the instance offers no backend, or something at QISKIT_IBM_URL that is not IBM says so")
        return [self._read(f"backend {one.name}", lambda s, one=one: _with_calibration(one)) for one in found]

    def names(self) -> list[str]:
        """Names of all backends of the instance, also of those that `backends` leaves out for now."""
        return self._read("the names of the backends", client.listed_backends)

    def condition(self, backend: IBMBackend) -> tuple[bool, str, int]:
        """Whether a backend takes jobs, what it says of itself, and how many wait."""
        status = self._read(f"the status of {backend.name}", lambda s: backend.status())
        return bool(status.operational), str(status.status_msg), int(status.pending_jobs)

    def calibration(self, name: str) -> dict[str, Any] | None:
        """The calibration of a backend now, asked for once and not for long; None where none comes.

        Args:
            name: Of the backend.
        """
        within = min(_SOON, self.patience.answer)
        with contextlib.suppress(PlatformError):
            found = ask(f"the calibration of {name}", lambda: client.properties_now(self._open(), name), within=within)
            if isinstance(found, dict) and isinstance(found.get("qubits"), list):
                return found
        return None

    def seconds_left(self) -> float | None:
        """QPU seconds that the instance may still use; None without a limit."""
        usage = self._read("the usage of the instance", lambda s: s.usage())
        if usage.get("usage_limit_reached"):
            return 0.0
        left = usage.get("usage_remaining_seconds")
        return None if left is None else float(left)

    def tagged(self, tag: str) -> dict[str, frozenset[str]]:
        """All tags of every job that itself carries one of them, by id, oldest first; asked for once.

        Raises:
            Unintelligible: If the answer leaves open whether there are more.
        """
        listed = self._once(f"the jobs tagged {tag}", lambda s: jobs_tagged(s, tag))
        return listed.carrying(tag)

    def tags_of(self, identifier: str) -> frozenset[str]:
        """All tags that a job itself carries, asked for once.

        Raises:
            Unintelligible: If the platform does not say.
        """
        tags = self._once(f"the tags of job {identifier}", lambda s: s.job(identifier).tags)
        if not isinstance(tags, list):
            raise Unintelligible(f"the platform does not say which tags job {identifier} carries")
        return frozenset(map(str, tags))

    def look(self, identifier: str) -> JobStatus:
        """The state of a job, asked for once.

        Raises:
            Unintelligible: For a state that was never heard of.
        """
        job, state = self._once(f"the state of job {identifier}", lambda s: _state_of(self._job(s, identifier)))
        if state not in STATES or not state:
            raise Unintelligible(f"job {identifier} is in a state that hotward does not know: {state[:60]!r}")
        if state not in FINAL:
            return JobStatus(identifier=identifier, state=state)
        reason, told = "", dict[str, Any]()
        if state != "DONE":
            # the client asks no more once it was told; another look is to be one
            self._jobs.pop(identifier, None)
        # what a final job says beside its state is for the record alone
        with contextlib.suppress(PlatformError):
            if state != "DONE":
                reason = _one_line(self._once("its reason", lambda s: job.error_message()))
            told = self._once("its metrics", lambda s: job.metrics()) or {}
        return JobStatus(identifier=identifier, state=state, reason=reason, **_charge_and_times(told))

    def result(self, identifier: str) -> bytes:
        """The result of a finished job as it was received.

        Raises:
            Unintelligible: If the platform gives nothing.
        """
        text = self._once(
            f"the result of job {identifier}",
            lambda s: self._job(s, identifier).result(decoder=client.verbatim()),
        )
        if not isinstance(text, str) or not text:
            raise Unintelligible(f"the result of job {identifier} is empty")
        return client.bytes_of(text)

    # -- doing

    def submit(self, send: Callable[[Any], RuntimeJobV2], mode: Any) -> str:
        """Hands one job over, once, and returns the id that was answered.

        Args:
            send: Calls the client's `run` with a mode, and returns its job.
            mode: Backend or batch.
        """
        job = ask("a submission", lambda: send(mode), within=self.patience.submission)
        return str(job.job_id())

    def cancel(self, identifier: str) -> JobStatus:
        """Cancels a job; what counts is its state afterwards, for the answer can be wrong either way."""
        with contextlib.suppress(PlatformError):
            # a job of its own: the client takes it for cancelled as soon as the order was answered
            self._once(f"the end of job {identifier}", lambda s: s.job(identifier).cancel())
        return self.patience.ask_repeatedly(lambda: self.look(identifier))

    def open_batch(self, backend: IBMBackend, longest: int) -> str:
        """A new batch that takes jobs for `longest` seconds at the most.

        Args:
            backend: Where its jobs will run.
            longest: How long it takes jobs [s].
        """
        from qiskit_ibm_runtime import Batch

        batch = ask("a batch", lambda: Batch(backend=backend, max_time=longest), within=self.patience.submission)
        if not batch.session_id:
            raise Unintelligible("asked for a batch, got none")
        return str(batch.session_id)

    def batch(self, identifier: str) -> Any:
        """A batch by its id, to send jobs to."""
        return self._read(f"batch {identifier}", lambda s: client.batch_by_id(s, identifier))

    def accepts(self, identifier: str) -> bool:
        """Whether a batch still takes jobs; one that is not found five times in a row is gone and does not."""
        for _ in range(MOST_ODD):
            try:
                details = self._read(f"batch {identifier}", lambda s: client.batch_details(s, identifier))
            except NotFound:
                self.patience.clock.sleep(self.patience.tick)
                continue
            if not isinstance(details, dict) or "accepting_jobs" not in details:
                raise Unintelligible(f"the platform does not say whether batch {identifier} takes jobs")
            return bool(details["accepting_jobs"]) and details.get("state") != "closed"
        return False

    def close_batch(self, identifier: str) -> None:
        """Takes no more jobs, and those that wait still run; what counts is what it says afterwards."""
        with contextlib.suppress(PlatformError):
            self._once(f"the end of batch {identifier}", lambda s: client.end_batch(s, identifier))
        if self.accepts(identifier):
            raise Unintelligible(f"batch {identifier} was closed, but says that it is open")

    # -- asking

    def check(self) -> None:
        """Opens the instance."""
        self._read("the account", lambda s: s.active_instance())

    def _read(self, what: str, function: Callable[[QiskitRuntimeService], Value]) -> Value:
        """A question that may be repeated."""
        return self.patience.ask_repeatedly(lambda: self._once(what, function))

    def _once(self, what: str, function: Callable[[QiskitRuntimeService], Value]) -> Value:
        """A question asked once; with a new token where the old one is refused."""
        try:
            return ask(what, lambda: function(self._open()), within=self.patience.answer)
        except NotAuthorised:
            self._service, self._jobs = None, {}
            return ask(what, lambda: function(self._open()), within=self.patience.answer)

    def _job(self, service: QiskitRuntimeService, identifier: str) -> RuntimeJobV2:
        if identifier not in self._jobs:
            self._jobs[identifier] = service.job(identifier)
        return self._jobs[identifier]

    def _open(self) -> QiskitRuntimeService:
        if self._service is None:
            self._service = client.connect(self.account, self.instance)
        return self._service


def _with_calibration(backend: object) -> IBMBackend:
    """A backend with its calibration, which the client would otherwise ask for later, where no deadline holds."""
    loaded = typing.cast("IBMBackend", backend)
    # before the instructions, whose errors and durations are made of it
    if loaded.properties() is None:
        raise Unintelligible(f"asked for the calibration of {loaded.name}, got none")
    assert loaded.target is not None
    return loaded


def _state_of(job: RuntimeJobV2) -> tuple[RuntimeJobV2, str]:
    return job, str(job.status())


def _one_line(reason: object) -> str:
    """A reason as far as one reads it: for some jobs the client puts the whole result there."""
    text = "".join(letter if letter.isprintable() else " " for letter in str(reason or ""))
    text = " ".join(text.split())
    return text if len(text) <= _MOST_CHARACTERS else text[:_MOST_CHARACTERS] + " ..."


def _charge_and_times(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Seconds charged and times, as far as they are told."""
    usage, times = metrics.get("usage") or {}, metrics.get("timestamps") or {}
    seconds = usage.get("qpu_charge_time_seconds")
    return {
        "seconds": None if seconds is None else float(seconds),
        "started": str(times.get("running") or ""),
        "finished": str(times.get("finished") or ""),
    }
