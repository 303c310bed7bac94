"""Which requests the local IBM platform knows: all that the public client sends."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs

import fake_ibm_account as account
import fake_ibm_desk as desk
from fake_ibm_calls import Answer, Call
from fake_ibm_records import Instance, Refusal

if typing.TYPE_CHECKING:
    from fake_ibm import LocalPlatform

API = "/api/v1"
_NOBODY = Instance(name="nobody", backends=())


class _Route(typing.NamedTuple):
    kind: str
    method: str
    path: str
    """`*` stands for a name."""
    answer: Callable[[LocalPlatform, Call], Answer]


_PUBLIC = (
    _Route("iam", "POST", "/identity/token", account.token),
    _Route("search", "POST", "/v3/resources/search", account.search),
    _Route("catalog", "GET", f"{API}/plan-*", account.plan),
)
"""Without a token."""
_ROUTES = (
    *_PUBLIC,
    _Route("backends", "GET", f"{API}/backends", account.backends),
    _Route("configuration", "GET", f"{API}/backends/*/configuration", account.configuration),
    _Route("properties", "GET", f"{API}/backends/*/properties", account.properties),
    _Route("backend-status", "GET", f"{API}/backends/*/status", account.backend_status),
    _Route("usage", "GET", f"{API}/instances/usage", account.usage),
    _Route("submit", "POST", f"{API}/jobs", desk.submit),
    _Route("list-jobs", "GET", f"{API}/jobs", desk.list_jobs),
    _Route("job", "GET", f"{API}/jobs/*", desk.job),
    _Route("delete-job", "DELETE", f"{API}/jobs/*", desk.delete_job),
    _Route("results", "GET", f"{API}/jobs/*/results", desk.results),
    _Route("cancel", "POST", f"{API}/jobs/*/cancel", desk.cancel),
    _Route("logs", "GET", f"{API}/jobs/*/logs", desk.logs),
    _Route("metrics", "GET", f"{API}/jobs/*/metrics", desk.metrics),
    _Route("tags", "PUT", f"{API}/jobs/*/tags", desk.tags),
    _Route("open-session", "POST", f"{API}/sessions", desk.open_session),
    _Route("session", "GET", f"{API}/sessions/*", desk.session),
    _Route("close-session", "PATCH", f"{API}/sessions/*", desk.close_session),
    _Route("cancel-session", "DELETE", f"{API}/sessions/*/close", desk.cancel_session),
)

KINDS = tuple(route.kind for route in _ROUTES)
"""Every kind of request."""


def kind_of(method: str, path: str) -> str:
    """What a request is: one of `KINDS`, or "unknown"."""
    route, _ = _found(method, path)
    return route.kind if route else "unknown"


def answer(
    platform: LocalPlatform, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
) -> Answer:
    """Processes one request.

    Raises:
        Refusal: What the platform says instead.
    """
    route, names = _found(method, path)
    if route is None:
        raise Refusal(405, 405, f"{method} {path} is not served by this local platform")
    instance = _NOBODY if route in _PUBLIC else platform.accounts.instance_of(headers)
    return route.answer(platform, Call(names=names, query=parse_qs(query), body=body, instance=instance))


def _found(method: str, path: str) -> tuple[_Route | None, tuple[str, ...]]:
    for route in _ROUTES:
        match = re.fullmatch(route.path.replace("*", "([^/]+)"), path)
        if match and route.method == method:
            return route, match.groups()
    return None, ()
