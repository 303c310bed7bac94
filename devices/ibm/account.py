"""From credentials to an open instance: which one pays is never chosen here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from devices.errors import PlatformError, Refused, Unreachable
from devices.ibm import client as _client
from devices.ibm.client import ask
from devices.ibm.cloud import Cloud
from devices.ibm.credentials import Credentials, credentials
from devices.ibm.patience import Patience, patience
from protocols import RequestError


def open_cloud() -> Cloud:
    """The instance that this machine is set up for.

    Raises:
        RequestError: If there is no key, no instance, or one that does not open.
        PlatformError: If the platform does not answer.
    """
    account, waits = credentials(), patience()
    if not account.instance.startswith("crn:"):
        account = _with_instance(account, waits)
    cloud = Cloud(account=account, instance=account.instance, patience=waits)
    try:
        cloud.check()
    except Refused as error:
        _client.check_key(account, waits.answer)
        raise _without_access(account, waits, error) from None
    return cloud


def _with_instance(account: Credentials, waits: Patience) -> Credentials:
    """The account with the CRN of the instance that is named, or a refusal that lists what there is."""
    offered = _offered(account, waits)
    crns = [crn for name, crn in offered if name == account.instance]
    if len(crns) == 1:
        return replace(account, instance=crns[0])
    what = f"is {account.instance!r}" if account.instance else "is not set"
    raise RequestError(
        f"Argument QISKIT_IBM_INSTANCE must be the CRN or name of one instance, but {what}: hotward never chooses who "
        f"pays. The key opens {_listed(offered)}."
    )


def _without_access(account: Credentials, waits: Patience, error: PlatformError) -> RequestError | PlatformError:
    """The key is good, so the instance is not, or the directory of instances is down."""
    try:
        offered = _offered(account, waits)
    except PlatformError:
        return Unreachable(
            "IBM's directory of instances (Global Search) does not answer. The API key is good and nothing was "
            "submitted; try again later"
        )
    if account.instance in [crn for _, crn in offered]:
        return error
    return RequestError(
        f"Argument QISKIT_IBM_INSTANCE must be an instance that the API key opens, but is {account.instance!r}. The "
        f"key opens {_listed(offered)}."
    )


def _offered(account: Credentials, waits: Patience) -> list[tuple[str, str]]:
    """Name and CRN of every instance."""
    try:
        found = ask("the instances", lambda: _client.instances(account), within=waits.answer)
    except Refused:
        _client.check_key(account, waits.answer)
        raise
    return [(str(one.get("name")), str(one["crn"])) for one in found]


def _listed(offered: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{name} ({crn})" for name, crn in offered) or "none"
