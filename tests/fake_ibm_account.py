"""What the local IBM platform says of the account: IAM, Global Search, Global Catalog, backends, usage."""

from __future__ import annotations

import typing
from urllib.parse import parse_qs

from fake_ibm_calls import Answer, Call, told

if typing.TYPE_CHECKING:
    from fake_ibm import LocalPlatform


def token(platform: LocalPlatform, call: Call) -> Answer:
    if parse_qs(call.body.decode()).get("apikey") != [platform.accounts.api_key]:
        return told({"errorCode": "BXNIM0415E", "errorMessage": "Provided API key could not be found."}, 400)
    return told(platform.accounts.token())


def search(platform: LocalPlatform, call: Call) -> Answer:
    items = [
        {
            "crn": instance.crn,
            "name": instance.name,
            "tags": list(instance.tags),
            "service_plan_unique_id": f"plan-{instance.plan}",
            "doc": {"extensions": {"allocation": 1}},
        }
        for instance in platform.accounts.instances
    ]
    return told({"items": items, "limit": 100})


def plan(platform: LocalPlatform, call: Call) -> Answer:
    (name,) = call.names
    pricing = next(instance.pricing for instance in platform.accounts.instances if instance.plan == name)
    display = {"en": {"display_name": name.title()}}
    return told({"id": f"plan-{name}", "overview_ui": display, "metadata": {"pricing": {"type": pricing}}})


def backends(platform: LocalPlatform, call: Call) -> Answer:
    return told({"devices": [_device(platform, name) for name in call.instance.backends]})


def _device(platform: LocalPlatform, name: str) -> dict[str, object]:
    configuration = platform.chip(name).configuration
    return {
        "name": name,
        "status": {"name": "online" if platform.backend_state[name]["state"] else "offline", "reason": "available"},
        "is_simulator": False,
        "qubits": configuration["n_qubits"],
        "physical_qubits": configuration["n_qubits"],
        "class": "qpu",
        "clops": {"type": "hardware", "value": configuration.get("clops_h") or 0},
        "processor_type": configuration.get("processor_type"),
        "queue_length": _queued(platform, name),
        "wait_time_seconds": {"average": 0},
    }


def _queued(platform: LocalPlatform, backend: str) -> int:
    return sum(job.backend == backend and job.status == "Queued" for job in platform.jobs.values())


def configuration(platform: LocalPlatform, call: Call) -> Answer:
    return told(platform.chip(call.backend(*call.names)).configuration)


def properties(platform: LocalPlatform, call: Call) -> Answer:
    return told(platform.chip(call.backend(*call.names)).properties)


def backend_status(platform: LocalPlatform, call: Call) -> Answer:
    name = call.backend(*call.names)
    queued = {"message": "", "length_queue": _queued(platform, name), "backend_version": "1.0.0"}
    return told({**platform.backend_state[name], **queued})


def usage(platform: LocalPlatform, call: Call) -> Answer:
    return told(call.instance.usage)
