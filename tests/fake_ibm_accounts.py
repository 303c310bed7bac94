"""Who may use the local IBM platform: the API key, tokens made from it, instances."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace

from fake_ibm_records import Instance, Refusal
from virtual_clock import VirtualClock


class Accounts:
    """One user with some instances."""

    def __init__(self, api_key: str, token_ttl: float, instances: Sequence[Instance], clock: VirtualClock) -> None:
        self.api_key = api_key
        self.token_ttl = token_ttl
        self._clock = clock
        self._secret = secrets.token_bytes(16)
        self._lock = threading.Lock()
        self._instances = {instance.crn: instance for instance in instances}

    @property
    def instances(self) -> tuple[Instance, ...]:
        with self._lock:
            return tuple(self._instances.values())

    def named(self, name: str) -> Instance:
        return next(instance for instance in self.instances if instance.name == name)

    def charge(self, crn: str, seconds: float) -> None:
        """Adds to the usage of an instance."""
        with self._lock:
            instance = self._instances[crn]
            self._instances[crn] = replace(instance, used_s=instance.used_s + seconds)

    def token(self) -> dict[str, object]:
        """What IAM answers."""
        issued = int(self._clock.today().timestamp())
        claims = {"iam_id": "IBMid-LOCAL", "iat": issued, "exp": issued + self.token_ttl, "jti": secrets.token_hex(6)}
        signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
        return {
            "access_token": f"{signed}.{self._signature(signed)}",
            "refresh_token": "not_supported",
            "token_type": "Bearer",
            "expires_in": self.token_ttl,
            "expiration": issued + self.token_ttl,
            "scope": "ibm openid",
        }

    def instance_of(self, headers: Mapping[str, str]) -> Instance:
        """The instance that a request is allowed to use.

        Raises:
            Refusal: 401 for a bad key or token, 403 for an instance that there is not.
        """
        scheme, _, value = (headers.get("Authorization") or "").partition(" ")
        if not (self._valid(value) if scheme == "Bearer" else scheme == "apikey" and value == self.api_key):
            raise Refusal(401, 1201, "Invalid credentials.")
        with self._lock:
            instance = self._instances.get(headers.get("Service-CRN") or "")
        if instance is None:
            raise Refusal(403, 1200, "You are not authorized to perform this action.")
        return instance

    def _valid(self, token: str) -> bool:
        signed, _, signature = token.rpartition(".")
        if not signed or not hmac.compare_digest(self._signature(signed), signature):
            return False
        claims = signed.partition(".")[2]
        return json.loads(base64.urlsafe_b64decode(claims + "=="))["exp"] > self._clock.today().timestamp()

    def _signature(self, signed: str) -> str:
        digest = hmac.new(self._secret, signed.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _part(claims: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
