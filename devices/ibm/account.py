"""From credentials to an open instance: which one pays is never chosen here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from devices.errors import PlatformError, Refused, Unreachable
from devices.ibm import client
from devices.ibm.client import ask
from devices.ibm.cloud import Cloud
from devices.ibm.credentials import Credentials, credentials
from devices.remote import Patience, clock, patience_from_environment
from protocols import RequestError

WAITS = "HOTWARD_IBM_WAITS"
"""Environment variable that changes waiting times for a bad line: "settling=120 answer=90"."""


def open_cloud() -> Cloud:
    """The instance that this machine is set up for.

    Raises:
        RequestError: If there is no key, no instance, or one that does not open.
        PlatformError: If the platform does not answer.
    """
    account, waits = credentials(), patience_from_environment(WAITS, clock.SYSTEM)
    if not account.instance.startswith("crn:"):
        account = _with_named_instance(account, waits)
    cloud = Cloud(account=account, instance=account.instance, patience=waits)
    try:
        cloud.check()
    except Refused as error:
        client.check_key(account, waits.answer)
        raise _error_without_access(account, waits, error) from None
    return cloud


def _with_named_instance(account: Credentials, waits: Patience) -> Credentials:
    """The account with the CRN of the instance that is named, or a refusal that lists what there is."""
    offered = _instances_of_key(account, waits)
    crns = [crn for name, crn in offered if name == account.instance]
    if len(crns) == 1:
        return replace(account, instance=crns[0])
    what = f"is {account.instance!r}" if account.instance else "is not set"
    raise RequestError(
        f"Argument QISKIT_IBM_INSTANCE must be the CRN or name of one instance, but {what}: hotward never chooses who "
        f"pays. The key opens {_names_and_crns(offered)}."
    )


def _error_without_access(account: Credentials, waits: Patience, error: PlatformError) -> RequestError | PlatformError:
    """The key is good, so the instance is not, or the directory of instances is down."""
    try:
        offered = _instances_of_key(account, waits)
    except PlatformError:
        return Unreachable(
            "IBM's directory of instances (Global Search) does not answer. The API key is good and nothing was "
            "submitted; try again later"
        )
    if account.instance in [crn for _, crn in offered]:
        return error
    return RequestError(
        f"Argument QISKIT_IBM_INSTANCE must be an instance that the API key opens, but is {account.instance!r}. The "
        f"key opens {_names_and_crns(offered)}."
    )


def _instances_of_key(account: Credentials, waits: Patience) -> list[tuple[str, str]]:
    """Name and CRN of every instance."""
    try:
        found = ask("the instances", lambda: client.instances(account), within=waits.answer)
    except Refused:
        client.check_key(account, waits.answer)
        raise
    return [(str(one.get("name")), str(one["crn"])) for one in found]


def _names_and_crns(offered: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{name} ({crn})" for name, crn in offered) or "none"
