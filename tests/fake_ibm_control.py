"""Faults and the platform's own truth over HTTP, for a platform that is a process of its own: /_control/*.

All arguments are JSON in the body of a POST; `fault` is the number that arming one answered.
"""

from __future__ import annotations

import json
import typing
from collections.abc import Mapping

from fake_ibm_records import Refusal, as_json

if typing.TYPE_CHECKING:
    from fake_ibm import LocalPlatform

PREFIX = "/_control/"


def control(platform: LocalPlatform, path: str, body: bytes) -> object:
    """Does what /_control/NAME says and gives what to answer.

    Raises:
        Refusal: For a name that there is not.
    """
    name = path.removeprefix(PREFIX)
    asked = json.loads(body or b"{}")
    if name in _SHOWN:
        return _SHOWN[name](platform)
    if name in _DONE:
        return _DONE[name](platform, asked)
    raise Refusal(404, 404, f"{path} must be one of {', '.join([*_SHOWN, *_DONE])}")


def _fault(platform: LocalPlatform, asked: Mapping[str, typing.Any]) -> object:
    return {"fault": platform.faults.armed.index(platform.fault(**asked))}


def _job_fault(platform: LocalPlatform, asked: Mapping[str, typing.Any]) -> object:
    return {"fault": platform.faults.armed.index(platform.job_fault(**asked))}


def _arrived(platform: LocalPlatform, asked: Mapping[str, typing.Any]) -> object:
    return {"arrived": platform.faults.armed[asked["fault"]].arrived.wait(asked.get("seconds", 60))}


def _release(platform: LocalPlatform, asked: Mapping[str, typing.Any]) -> object:
    platform.faults.armed[asked["fault"]].release.set()
    return {}


def _clear(platform: LocalPlatform, asked: Mapping[str, typing.Any]) -> object:
    platform.clear_faults()
    return {}


def _config(platform: LocalPlatform, asked: Mapping[str, typing.Any]) -> object:
    for name, value in asked.items():
        setattr(platform.settings, name, value)
    return {}


def _backend(platform: LocalPlatform, asked: Mapping[str, typing.Any]) -> object:
    for name, state in asked.items():
        platform.backend_state[name].update(state)
    return {}


def _info(platform: LocalPlatform) -> object:
    instances = {instance.name: crn for crn, instance in platform.instances.items()}
    return {"port": platform.port, "env": platform.env(), "instances": instances}


_SHOWN = {
    "info": _info,
    "requests": lambda platform: [as_json(request) for request in platform.requests],
    "jobs": lambda platform: [as_json(job) for job in platform.jobs.values()],
    "sessions": lambda platform: [as_json(session) for session in platform.sessions.values()],
    "open_sessions": lambda platform: [as_json(session) for session in platform.open_sessions()],
}
_DONE = {
    "faults": _fault,
    "job_faults": _job_fault,
    "arrived": _arrived,
    "release": _release,
    "clear": _clear,
    "config": _config,
    "backend": _backend,
}
