"""The account: from the environment, a keyring, or a file that nobody else can read; the first that has a key.

    environment     QISKIT_IBM_TOKEN, QISKIT_IBM_INSTANCE, QISKIT_IBM_URL
    keyring         service "hotward", users "ibm-token", "ibm-instance" (the package keyring, if it is installed)
    file            ~/.config/hotward/ibm.toml (or under XDG_CONFIG_HOME), mode 0600: token, instance, url

QISKIT_IBM_INSTANCE goes before the instance of a keyring or file. hotward never writes any of them, and never calls the
client's `save_account`, which stores the key in the clear. `mend_token_requests` changes how IBM's SDK sends the key
for a token, the one thing of it that is changed, for the whole process.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import stat
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devices.remote import Secret
from protocols import RequestError

KEYRING = "hotward"


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What opens an account, and where it was found."""

    token: Secret
    instance: str
    """CRN, or the name of an instance; empty if none was given."""
    url: str
    """Of the platform; empty for IBM's own."""
    source: str


def credentials() -> Credentials:
    """The account that this machine is set up for.

    Raises:
        RequestError: If there is no key, or the file is readable by others.
    """
    found = _from_environment() or _from_keyring() or _from_file(_file_path())
    if found is None:
        raise RequestError(
            "Argument `device` ibm needs an API key, but there is none in QISKIT_IBM_TOKEN, in the keyring (service "
            f"{KEYRING}, user ibm-token) or in {_file_path()}. docs/hardware.md says where to get one."
        )
    return found


def _from_environment() -> Credentials | None:
    token = os.environ.get("QISKIT_IBM_TOKEN", "").strip()
    if not token:
        return None
    return Credentials(
        token=Secret(token),
        instance=os.environ.get("QISKIT_IBM_INSTANCE", "").strip(),
        url=os.environ.get("QISKIT_IBM_URL", "").strip(),
        source="environment",
    )


def _from_keyring() -> Credentials | None:
    """What the system's keyring has; no keyring, locked or absent, is no account."""
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        return None
    token = instance = url = None
    with contextlib.suppress(Exception):  # backends raise what they like when there is no desktop
        token = keyring.get_password(KEYRING, "ibm-token")
        instance = keyring.get_password(KEYRING, "ibm-instance")
        url = keyring.get_password(KEYRING, "ibm-url")
    if not token:
        return None
    given = os.environ.get("QISKIT_IBM_INSTANCE", "").strip() or instance or ""
    return Credentials(token=Secret(token), instance=given, url=url or "", source="keyring")


def _file_path() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "hotward" / "ibm.toml"


def _from_file(path: Path) -> Credentials | None:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise RequestError(
                f"Argument `device` ibm: {path} must be readable by its owner alone, but has mode {mode:04o}. "
                f"chmod 600 {path}"
            )
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise RequestError(
            f'Argument `device` ibm: {path} must be TOML with lines such as token = "...", but cannot be read so. '
            "docs/hardware.md has an example."
        ) from None
    values = {name: content.get(name, "") for name in ("token", "instance", "url")}
    if not values["token"] or not all(isinstance(value, str) for value in values.values()):
        raise RequestError(
            f'Argument `device` ibm: {path} must have token = "..." (and may have instance, url), all text in '
            "quotation marks, but does not. docs/hardware.md has an example."
        )
    given = os.environ.get("QISKIT_IBM_INSTANCE", "").strip() or values["instance"]
    return Credentials(token=Secret(values["token"]), instance=given, url=values["url"], source=str(path))


def mend_token_requests() -> None:
    """Has requests for a token follow no redirect, and has one that failed not hold up the next.

    The body of such a request is the API key, and a redirect (307, 308) would carry it to any host. And the SDK takes
    a request that failed for one under way: whoever asks next waits for it for a minute, inside the call.
    The client has its token managers made in several places, most of them out of reach: so it is done for all.
    """
    from ibm_cloud_sdk_core.token_managers.jwt_token_manager import JWTTokenManager

    as_it_was, paced_as_it_was = JWTTokenManager._request, JWTTokenManager.paced_request_token
    if getattr(as_it_was, "follows_no_redirects", False):
        return

    def request(self: JWTTokenManager, *arguments: Any, **more: Any) -> dict[str, Any]:
        self.http_config = {**self.http_config, "allow_redirects": False}
        return as_it_was(self, *arguments, **more)

    def paced_request_token(self: JWTTokenManager) -> None:
        try:
            paced_as_it_was(self)
        except BaseException:
            self.request_time = 0
            raise

    request.follows_no_redirects = True  # type: ignore[attr-defined]
    JWTTokenManager._request = request  # type: ignore[method-assign]
    JWTTokenManager.paced_request_token = paced_request_token  # type: ignore[method-assign]
