"""What the local IBM platform does with jobs and sessions."""

from __future__ import annotations

import typing
from datetime import datetime

from fake_ibm_calls import Answer, Call, told
from fake_ibm_records import Refusal
from fake_ibm_work import Job, Session

if typing.TYPE_CHECKING:
    from fake_ibm import LocalPlatform

_LARGEST = 300 * 2**20
_NOTHING = Answer(204)


def submit(platform: LocalPlatform, call: Call) -> Answer:
    if len(call.body) > _LARGEST:
        raise Refusal(413, 8060, "Payload too large.")
    asked = call.json
    job = platform.runs.submit(call.instance.crn, call.backend(asked.get("backend")), asked)
    optional = {"session_id": job.session_id, "private": job.private}
    return told({"id": job.id, "backend": job.backend} | {name: value for name, value in optional.items() if value})


def list_jobs(platform: LocalPlatform, call: Call) -> Answer:
    found = [job for job in platform.jobs.values() if job.crn == call.instance.crn and _wanted(job, call)]
    found.sort(key=lambda job: job.created, reverse=call.asked("sort") != "ASC")
    limit, offset = int(call.asked("limit", "200")), int(call.asked("offset", "0"))
    page = [job.view(params=False) for job in found[offset : offset + limit]]
    return told({"jobs": page, "count": len(found), "limit": limit, "offset": offset})


def _wanted(job: Job, call: Call) -> bool:
    created = datetime.fromisoformat(job.created)
    return (
        all(call.asked(name, job[name] or "") == (job[name] or "") for name in ("backend", "program", "session_id"))
        and set(call.query.get("tags", [])) <= set(job.tags)
        and call.asked("pending") in ("", str(not job.final).lower())
        and datetime.fromisoformat(call.asked("created_after", job.created)) <= created
        and datetime.fromisoformat(call.asked("created_before", job.created)) >= created
    )


def _asked_job(platform: LocalPlatform, call: Call) -> Job:
    return platform.store.job(call.instance.crn, *call.names)


def job(platform: LocalPlatform, call: Call) -> Answer:
    return told(_asked_job(platform, call).view(params=call.asked("exclude_params") != "true"))


def delete_job(platform: LocalPlatform, call: Call) -> Answer:
    platform.forget(_asked_job(platform, call).id)
    return _NOTHING


def results(platform: LocalPlatform, call: Call) -> Answer:
    text = platform.store.read(_asked_job(platform, call))
    return Answer(204, b"", "text/plain") if text is None else Answer(200, text.encode(), "text/plain")


def cancel(platform: LocalPlatform, call: Call) -> Answer:
    platform.store.cancel(_asked_job(platform, call))
    return _NOTHING


def logs(platform: LocalPlatform, call: Call) -> Answer:
    return Answer(200, _asked_job(platform, call).log.encode(), "text/plain")


def metrics(platform: LocalPlatform, call: Call) -> Answer:
    return told(_asked_job(platform, call).metrics)


def tags(platform: LocalPlatform, call: Call) -> Answer:
    platform.store.change_job(_asked_job(platform, call).id, tags=tuple(call.json["tags"]))
    return _NOTHING


def open_session(platform: LocalPlatform, call: Call) -> Answer:
    asked, settings = call.json, platform.settings
    mode = asked.get("mode", "dedicated")
    if mode == "dedicated" and call.instance.plan == "open":
        raise Refusal(400, 1352, "You are not authorized to run a session when using the open plan.")
    opened = Session(
        crn=call.instance.crn,
        backend_name=call.backend(asked.get("backend")),
        mode=mode,
        max_ttl=asked.get("max_ttl") or settings.session_max_ttl,
        interactive_ttl=settings.session_interactive_ttl,
    )
    platform.store.add_session(opened)
    return told(opened.view)


def _asked_session(platform: LocalPlatform, call: Call) -> Session:
    return platform.store.session(call.instance.crn, *call.names)


def session(platform: LocalPlatform, call: Call) -> Answer:
    return told(_asked_session(platform, call).view)


def close_session(platform: LocalPlatform, call: Call) -> Answer:
    asked = _asked_session(platform, call)
    if call.json.get("accepting_jobs") is False:
        platform.store.close_session(asked.id, cancel=False)
    return _NOTHING


def cancel_session(platform: LocalPlatform, call: Call) -> Answer:
    platform.store.close_session(_asked_session(platform, call).id, cancel=True)
    return _NOTHING
