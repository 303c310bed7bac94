"""Jobs and sessions of the local IBM platform, and what it says of them."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from fake_ibm_faults import JobFault
from fake_ibm_records import Record, as_json

FINAL = frozenset({"Completed", "Failed", "Cancelled"})


def now() -> str:
    """Time as the platform writes it."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True, kw_only=True)
class Job(Record):
    """One job, as the platform knows it."""

    id: str
    backend: str
    program: str
    crn: str
    params: Mapping[str, object] = field(repr=False)
    number: int
    """How many jobs there were before: part of the seed."""
    tags: tuple[str, ...] = ()
    session_id: str | None = None
    cost: float | None = None
    """`max_execution_time`, seconds."""
    private: bool = False
    image: str = ""
    created: str = field(default_factory=now)
    running: str | None = None
    finished: str | None = None
    status: str = "Queued"
    reason: str | None = None
    reason_code: int | None = None
    result: str | None = field(default=None, repr=False)
    log: str = field(default="", repr=False)
    usage: float = 0.0
    estimate: float | None = None
    read: int = 0
    """How often the result was read."""
    fault: JobFault | None = field(default=None, repr=False)
    cancelled: threading.Event = field(default_factory=threading.Event, repr=False, compare=False)

    @property
    def final(self) -> bool:
        return self.status in FINAL

    def view(self, *, params: bool) -> dict[str, object]:
        """What GET /jobs/{id} answers."""
        state = {"status": self.status, "reason": self.reason, "reason_code": self.reason_code}
        told: dict[str, object] = {
            "id": self.id,
            "backend": self.backend,
            "program": {"id": self.program},
            "state": {name: value for name, value in state.items() if value is not None},
            "status": self.status,
            "created": self.created,
            "tags": list(self.tags),
            "runtime": self.image,
            "cost": self.cost or 10_800,
            "user_id": "IBMid-LOCAL",
            "usage": {"quantum_seconds": self.usage, "seconds": self.usage},
            "estimated_running_time_seconds": self.estimate,
            "estimated_max_running_time_seconds": self.estimate,
        }
        if self.session_id:
            told["session_id"] = self.session_id
        if self.private:
            told["private"] = True
        elif params:
            told["params"] = self.params
        return told

    @property
    def metrics(self) -> dict[str, object]:
        return {
            "timestamps": {"created": self.created, "running": self.running, "finished": self.finished},
            "bss": {"seconds": self.usage},
            "usage": {
                "quantum_seconds": self.usage,
                "seconds": self.usage,
                "qpu_charge_time_seconds": self.usage,
                "status": "complete" if self.final else "pending",
            },
        }


@dataclass(frozen=True, kw_only=True)
class Session(Record):
    """A session or a batch; times in seconds since the epoch."""

    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    crn: str
    backend_name: str
    mode: str
    max_ttl: float
    interactive_ttl: float
    created: float = field(default_factory=time.time)
    state: str = "open"
    accepting_jobs: bool = True
    activated_at: str | None = None
    last_job_started: str | None = None
    last_job_completed: str | None = None
    closed: float | None = None

    def open_at(self, instant: float) -> bool:
        """Whether it costs at that time: opened, not closed, and not older than `max_ttl`."""
        end = self.created + self.max_ttl
        return self.created <= instant < (end if self.closed is None else min(self.closed, end))

    @property
    def view(self) -> dict[str, object]:
        told = {name: value for name, value in as_json(self).items() if name not in ("crn", "created", "closed")}
        closed_at = datetime.fromtimestamp(self.closed, UTC).isoformat() if self.closed else None
        return {
            **told,
            "active_ttl": self.max_ttl,
            "started_at": self.activated_at,
            "closed_at": closed_at,
            "elapsed_time": 0,
            "timestamps": [],
        }
