"""The one boundary with qiskit-ibm-runtime: how it is opened, asked, and how its exceptions become ours.

Nothing of the client is patched, and of IBM's SDK below it one thing: how a token is asked for. What rests on inner
workings stands here, and tests/test_ibm_boundary.py, test_ibm_client.py and test_ibm_contradictions.py hold it against
the pinned version: the text of the warning before the API key is sent in place of a token, the status code in messages,
the chain of decoders of a result, the list of backends behind a name that is not found, requests for a token, and the
HTTP session, which is kept from repeating silently, from sending the key, from sleeping for hours, and from guessing in
which letters a result is.
"""

from __future__ import annotations

import codecs
import logging
import os
import re
import typing
import warnings
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from devices.errors import (
    NotAuthorised,
    NotFound,
    PlatformError,
    Refused,
    TooManyRequests,
    Unintelligible,
    Unreachable,
)
from devices.ibm.credentials import Credentials, mend_token_requests
from devices.remote import call_with_deadline, scrubbed
from protocols import RequestError

if typing.TYPE_CHECKING:
    from qiskit_ibm_runtime import QiskitRuntimeService

Value = TypeVar("Value")
_KEY_INSTEAD_OF_TOKEN = "Unable to retrieve IBM Cloud access token"  # noqa: S105
# warnings about what the pre-flight checks refuse, and about the legacy sampler that was asked for
_EXPECTED_WARNINGS = (
    "This instance has met its usage limit",
    "There is currently no more time available",
    r"The backend \S+ currently has a status of",
)
_STATUS_TEXT = re.compile(r"\b([45]\d\d) (?:Client|Server) Error: ([\w -]*?)(?: for url|[^\w -]|$)")
_MESSAGE_TEXT = re.compile(r"\"message\": *\"([^\"]+)\"")
_LINE_FAULT = re.compile(
    r"too many \d+ error responses|Failed to establish a new connection|Remote end closed connection"
    r"|Connection broken|Read timed out|Name or service not known|Connection reset by peer"
)
"""What goes wrong with a line, in the middle of a long message."""
_VERBATIM = "hotward_verbatim"
_MOST_CHARACTERS = 240
"""Characters of a message of the client that are kept."""
_LONGEST_PAUSE = 10.0
"""What a platform, or a proxy before it, may have the client wait by itself before it asks again [s]."""


def ask(what: str, function: Callable[[], Value], *, within: float) -> Value:
    """Calls the client, and gives up from outside: its own requests may block for ever.

    Args:
        what: In words, for errors: "the state of job d5bd...".
        function: The call.
        within: Deadline [s]. The call cannot be interrupted and is left alone in its thread.

    Raises:
        PlatformError: For whatever the client raises, and Silent at the deadline.
    """
    # imported in a thread that has ended, qiskit 2.6 crashes in the next one that makes a Parameter
    import qiskit_ibm_runtime  # noqa: F401

    def guarded() -> Value:
        _guard()
        return function()

    return call_with_deadline(what, guarded, within=within, translate=lambda error: _our_error(what, error))


class _Key(str):
    """The API key as the client holds it: sent to the identity service as it is, and never made part of a text.

    In place of a token that it cannot get, the client sends f"apikey {key}". `_guard` stops it at the warning before
    that, but filters of warnings belong to the whole process, and anybody may have changed them in the meantime.
    """

    def __format__(self, specification: str) -> str:
        raise PermissionError(_KEY_INSTEAD_OF_TOKEN)


def connect(account: Credentials, instance: str) -> QiskitRuntimeService:
    """A service for one instance; never one that chooses an instance by itself. Called within `ask`.

    Args:
        account: The key and the address of the platform.
        instance: CRN of the one that pays; "auto" to list them only.
    """
    from qiskit_ibm_runtime import QiskitRuntimeService

    # a file ibm-credentials.env in the working directory would redirect requests, bearer token and all
    os.environ["IBM_CREDENTIALS_FILE"] = os.devnull
    # what it warns of is refused or done on purpose here
    logging.getLogger("qiskit_ibm_runtime").setLevel(logging.ERROR)
    service = QiskitRuntimeService(
        channel="ibm_quantum_platform", token=_Key(account.token.reveal()), instance=instance, url=account.url or None
    )
    for client in service._get_api_clients().values():
        _harden(client)
    return service


def _harden(client: Any) -> None:
    """Has the client send a submission once, and never the key in place of a token.

    It repeats any POST that is answered by 5xx, even one that was carried out: one call, six jobs. And the warning
    before it sends the key is an error only while the filters of `_guard` stand, which other threads may change. A
    result is kept byte for byte, whatever letters its header speaks of. And it sleeps as long as any answer tells it to
    ("Retry-After: 1000000000"), in a call that we give up long before.
    Should a later version keep its HTTP session elsewhere, twins are still found by their tag and cancelled, and
    `_guard` stands.
    """
    from requests.adapters import HTTPAdapter
    from requests.auth import AuthBase

    class TokenOnly(AuthBase):
        def __init__(self, auth: Any) -> None:
            self.auth = auth

        def __call__(self, request: Any) -> Any:
            request = self.auth(request)
            if not request.headers.get("Authorization", "").startswith("Bearer "):
                raise ConnectionError(f"{_KEY_INSTEAD_OF_TOKEN}; not sent")
            return request

    session = getattr(client, "_session", None)
    if session is not None:
        session.auth = TokenOnly(session.auth)
        for adapter in session.adapters.values():
            adapter.max_retries.retry_after_max = _LONGEST_PAUSE
        for path in ("/jobs", "/sessions"):
            session.mount(session.base_url + path, HTTPAdapter(max_retries=0))
        session.hooks["response"].append(_keep_bytes)


def _keep_bytes(response: Any, **how: Any) -> None:
    """Has the text of a result be that of its bytes: without a charset in the header, it would be read as Latin-1."""
    if response.url.partition("?")[0].endswith("/results"):
        response.encoding = _VERBATIM


def bytes_of(text: str) -> bytes:
    """What was received, from the text that the client made of it."""
    return text.encode("utf-8", "surrogateescape")


def _verbatim_codec(name: str) -> codecs.CodecInfo | None:
    """UTF-8 in which bytes that are none come back as they were, whatever is asked to be done about them."""
    if name != _VERBATIM:
        return None
    return codecs.CodecInfo(
        name=_VERBATIM,
        encode=lambda text, errors="": codecs.utf_8_encode(text, "surrogateescape"),
        decode=lambda data, errors="": codecs.utf_8_decode(bytes(data), "surrogateescape", True),
    )


codecs.register(_verbatim_codec)


def backend_by_name(service: QiskitRuntimeService, name: str, *, fractional: bool | None) -> Any:
    """A backend, or an error that says what is wrong. Called within `ask`.

    Whatever goes wrong with its configuration, the client only says that there is no such backend.

    Args:
        service: Of one instance.
        name: "ibm_fez".
        fractional: Whether its gates of any angle are asked for; None: all gates that it has.

    Raises:
        Unreachable: If the instance lists the backend and its configuration does not come.
    """
    from qiskit.providers import QiskitBackendNotFoundError

    try:
        return service.backend(name, use_fractional_gates=fractional)
    except QiskitBackendNotFoundError:
        if name in listed_backends(service):
            raise Unreachable(f"asked for the configuration of {name}, got none") from None
        raise


def listed_backends(service: QiskitRuntimeService) -> list[str]:
    """Names of all backends of the instance: the client leaves out those whose configuration does not come.

    Args:
        service: That was asked for backends.
    """
    return [str(info.get("name")) for infos in service._backends_info_per_instance.values() for info in infos]


def properties_now(service: QiskitRuntimeService, name: str) -> Any:
    """The calibration of a backend as the platform gives it now, not as the client remembers it. Called within `ask`.

    Args:
        service: Of one instance.
        name: Of the backend.
    """
    return service._active_api_client.backend_properties(name)


def batch_by_id(service: QiskitRuntimeService, identifier: str) -> Any:
    """A batch that jobs can be sent to. Called within `ask`.

    The client asks for its backend as well, and says of whatever goes wrong with that that there is no such backend.

    Args:
        service: Of one instance.
        identifier: Of the batch.

    Raises:
        Unreachable: If its backend does not come.
    """
    from qiskit.providers import QiskitBackendNotFoundError
    from qiskit_ibm_runtime import Batch

    try:
        return Batch.from_id(identifier, service)
    except QiskitBackendNotFoundError:
        raise Unreachable(f"asked for the backend of batch {identifier}, got none") from None


def batch_details(service: QiskitRuntimeService, identifier: str) -> Any:
    """What the platform says of a batch, whatever becomes of its backend. Called within `ask`."""
    return service._active_api_client.session_details(identifier)


def end_batch(service: QiskitRuntimeService, identifier: str) -> None:
    """Has a batch take no more jobs. Called within `ask`."""
    service._active_api_client.close_session(identifier)


def instances(account: Credentials) -> list[dict[str, Any]]:
    """Name, plan and CRN of every instance that the key opens. Called within `ask`."""
    service = connect(account, "auto")
    return list(service.instances())


def check_key(account: Credentials, within: float) -> None:
    """Asks IBM's identity service itself: the client says the same of a wrong key and of a directory that is down.

    Args:
        account: The key.
        within: Deadline [s].

    Raises:
        RequestError: If the key is not known.
        PlatformError: If the identity service does not answer.
    """
    from ibm_cloud_sdk_core import ApiException
    from ibm_cloud_sdk_core.authenticators import IAMAuthenticator

    def token() -> bool:
        url = os.environ.get("IAM_URL") or None
        try:
            IAMAuthenticator(account.token.reveal(), url=url).token_manager.get_token()
        except ApiException as error:
            if error.status_code in (400, 401, 403):
                return False
            raise
        return True

    if not ask("a token of IBM's identity service", token, within=within):
        raise RequestError(
            f"Argument `device` ibm: IBM does not know the API key found in the {account.source}. Make a new one and "
            "set QISKIT_IBM_TOKEN; docs/hardware.md says where."
        )


def verbatim() -> type:
    """A decoder that leaves a result as it was received: the client's public hook."""
    from qiskit_ibm_runtime.decoders.result_decoder import ResultDecoder

    class Verbatim(ResultDecoder):
        @classmethod
        def decode(cls, data: str) -> str:
            return data

    return Verbatim


def _guard() -> None:
    """The client warns, then sends the raw API key to the API where the identity service is down: never."""
    mend_token_requests()
    warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"devices\.ibm")
    for text in _EXPECTED_WARNINGS:
        warnings.filterwarnings("ignore", message=text)
    warnings.filterwarnings("error", message=_KEY_INSTEAD_OF_TOKEN)


def _our_error(what: str, error: BaseException) -> PlatformError:
    """The error of ours that an exception of the client stands for."""
    if isinstance(error, PlatformError):
        return error
    causes = list(_causes_of(error))
    text = _short_text(causes)
    if any(_KEY_INSTEAD_OF_TOKEN in str(cause) for cause in causes):
        return Unreachable(f"IBM's identity service does not answer, so there was no token to ask for {what}")
    status = next(filter(None, map(_http_status, causes)), None)
    if status is not None:
        # 408: whether the request was carried out is as unknown as after 5xx
        kind = {401: NotAuthorised, 403: NotAuthorised, 404: NotFound, 408: Unreachable, 429: TooManyRequests}
        return kind.get(status, Refused if status < 500 else Unreachable)(f"asked for {what}, got {text}")
    name = _class_names(causes)
    if name & {"RuntimeJobNotFound", "RuntimeProgramNotFound"}:
        return NotFound(f"asked for {what}, got {text}")
    if name & {"RequestException", "RequestsApiError", "ConnectionError", "OSError", "ApiException"}:
        if "JSONDecodeError" in name:
            return Unintelligible(f"asked for {what}, got no JSON")
        return Unreachable(f"asked for {what}, got {text}")
    if name & {"IBMAccountError", "IBMInputValueError", "RuntimeInvalidStateError"}:
        return Refused(f"asked for {what}, got {text}")
    if "QiskitBackendNotFoundError" in name:
        return NotFound(f"asked for {what}, got {text}")
    return Unintelligible(f"asked for {what}, got {text}")


def _causes_of(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it was raised from; the client hides causes with `from None`, the context keeps them."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _http_status(error: BaseException) -> int | None:
    own = getattr(error, "status_code", None)
    if isinstance(own, int) and own >= 400:
        return own
    found = _STATUS_TEXT.search(str(error))
    return int(found[1]) if found else None


def _class_names(causes: list[BaseException]) -> set[str]:
    return {kind.__name__ for cause in causes for kind in type(cause).__mro__}


def _short_text(causes: list[BaseException]) -> str:
    """What the client says, in one line without addresses, secrets, JSON and traces."""
    # of anything that goes wrong with the list of instances it says "check that you are using a valid API token"
    first = next((cause for cause in causes if type(cause).__name__ != "InvalidAccountError"), causes[0])
    text = scrubbed(" ".join(str(first).replace("\\", "").split())) or type(first).__name__
    line, status, message = _LINE_FAULT.search(text), _STATUS_TEXT.search(text), _MESSAGE_TEXT.search(text)
    if status:
        return f"{status[1]} {status[2].strip()}" + (f" ({message[1][:_MOST_CHARACTERS]})" if message else "")
    if line:
        return line[0]
    text = re.sub(r"\s*for url: \S+", "", text).strip("'\"")
    return f"{type(first).__name__}: {text[:_MOST_CHARACTERS]}"
