"""What the local IBM platform keeps: records such as instances and requests; jobs and sessions are in fake_ibm_work.

Records are frozen and replaced as a whole, so that a test may read them while the platform works.
"""

from __future__ import annotations

import dataclasses
import secrets
import time
import typing
import uuid
from dataclasses import dataclass, field


class Refusal(Exception):
    """Answers a request with an error body shaped like the platform's."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code

    @property
    def body(self) -> dict[str, object]:
        told = {"code": self.code, "message": str(self), "solution": "", "more_info": "https://docs.quantum.ibm.com"}
        return {"errors": [told], "trace": secrets.token_hex(8)}


class Record:
    """Fields may be read by name too, so that one assertion serves a record and its JSON from /_control."""

    def __getitem__(self, name: str) -> object:
        return getattr(self, name)


@dataclass(frozen=True, kw_only=True)
class Instance(Record):
    """What an account pays with, and the backends it may use."""

    name: str
    plan: str = "premium"
    pricing: str = "subscription"
    tags: tuple[str, ...] = ()
    backends: tuple[str, ...]
    limit_s: float = 10_000
    used_s: float = 0.0

    @property
    def crn(self) -> str:
        """The resource name that every request has to give."""
        guid = uuid.uuid5(uuid.NAMESPACE_DNS, self.name)
        return f"crn:v1:bluemix:public:quantum-computing:us-east:a/{'0' * 32}:{guid}::"

    @property
    def usage(self) -> dict[str, object]:
        return {
            "instance_id": self.crn,
            "plan_id": self.plan,
            "usage_consumed_seconds": round(self.used_s, 3),
            "usage_limit_seconds": self.limit_s,
            "usage_allocation_seconds": self.limit_s,
            "usage_limit_reached": self.used_s >= self.limit_s,
            "usage_remaining_seconds": max(0, self.limit_s - self.used_s),
        }


@dataclass(frozen=True, kw_only=True)
class Request(Record):
    """One request, whatever became of it."""

    kind: str
    method: str
    host: str
    path: str
    query: str
    auth: str
    """Scheme of the Authorization header: "Bearer", "apikey" or nothing."""
    crn: str | None
    api_version: str | None
    bytes: int
    leaks_key: bool
    """Whether the raw API key was in it, although it did not go to IAM."""
    fault: str | None = None
    status: int | str | None = None
    t: float = field(default_factory=time.time)


def as_json(record: typing.Any) -> dict[str, object]:
    """Fields of a record, without those that are bulky or no JSON: they have no repr either."""
    return {item.name: getattr(record, item.name) for item in dataclasses.fields(record) if item.repr}


@dataclass(kw_only=True)
class Settings:
    """How the platform behaves; may be changed while it runs."""

    queue_delay: float = 0.0
    run_delay: float = 0.0
    noisy: bool = False
    """Whether results have the noise of the calibration."""
    seed: int | None = 1234
    """Job n of a platform gives the same result for the same seed; None: never."""
    session_max_ttl: float = 28_800
    session_interactive_ttl: float = 60
    validate_schema: bool = True
    validate_isa: bool = True
    rate_limit: tuple[int, float] | None = None
    """Submissions per seconds, such as (5, 60.0)."""
