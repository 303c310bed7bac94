"""What a platform, or something before it, may say that is not so: results, states and lists of jobs.

`PAYLOADS`, `STATES` and `LISTS` are by name what is made of the body of a reply.
"""

from __future__ import annotations

import base64
import json
import typing
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from fake_ibm import LocalPlatform
from ibm_quantum_schemas.common import CompressedTensorModel

Change = Callable[[bytes], bytes]


# -- results


def arrays(change: Callable[[np.ndarray], np.ndarray]) -> Change:
    """The same result with other values in all registers that are read."""

    def edit(body: bytes) -> bytes:
        told = json.loads(body)
        for item in told["data"]:
            for name, tensor in item["results"].items():
                changed = change(CompressedTensorModel.model_validate(tensor).to_numpy())
                item["results"][name] = CompressedTensorModel.from_numpy(changed).model_dump()
        return json.dumps(told).encode()

    return edit


def told(change: Callable[[dict[str, Any]], object]) -> Change:
    """The same document after a change of its content."""

    def edit(body: bytes) -> bytes:
        content = json.loads(body)
        change(content)
        return json.dumps(content).encode()

    return edit


def _register(content: dict[str, Any]) -> dict[str, Any]:
    """The first register of the first item."""
    return next(iter(content["data"][0]["results"].values()))


def _rename_register(content: dict[str, Any]) -> None:
    results = content["data"][0]["results"]
    results["wrong"] = results.pop(next(iter(results)))


def _without_registers(content: dict[str, Any]) -> None:
    content["data"][0]["results"].clear()


def _claim(shape: list[int]) -> Change:
    return told(lambda content: _register(content).update(shape=shape))


def _corrupt(body: bytes) -> bytes:
    """Bytes of the packed values are changed, in a text that is still base64."""
    content = json.loads(body)
    register = _register(content)
    packed = base64.b64decode(register["data"])
    half = len(packed) // 2
    register["data"] = base64.b64encode(packed[:half] + bytes(byte ^ 0x55 for byte in packed[half:])).decode()
    return json.dumps(content).encode()


PAYLOADS: Mapping[str, Change] = {
    "some NaN": arrays(lambda bits: np.where(bits, np.nan, 0.0)),
    "all NaN": arrays(lambda bits: np.full(bits.shape, np.nan)),
    "2": arrays(lambda bits: (bits * 2).astype(np.uint8)),
    "255": arrays(lambda bits: np.full(bits.shape, 255, dtype=np.uint8)),
    "-1": arrays(lambda bits: -bits.astype(np.int8)),
    "halves": arrays(lambda bits: bits / 2),
    "infinity": arrays(lambda bits: np.where(bits, np.inf, 0.0)),
    "imaginary": arrays(lambda bits: bits * 1j),
    "fewer shots": arrays(lambda bits: bits[..., :-1, :]),
    "more shots": arrays(lambda bits: np.concatenate([bits, bits[..., :1, :]], axis=-2)),
    "no shots": arrays(lambda bits: bits[..., :0, :]),
    "transposed": arrays(lambda bits: bits.T),
    "one bit more": arrays(lambda bits: np.concatenate([bits, bits[..., :1]], axis=-1)),
    "an item missing": told(lambda content: content["data"].pop()),
    "no item": told(lambda content: content["data"].clear()),
    "an item too many": told(lambda content: content["data"].append(content["data"][0])),
    "another register": told(_rename_register),
    "no register": told(_without_registers),
    "a shape of 10^12": _claim([10**6, 10**6, 2]),
    "a negative shape": _claim([-1, 2]),
    "corrupt values": _corrupt,
    "null": lambda body: b"null",
    "a string": lambda body: json.dumps(body.decode()).encode(),
    "a number": lambda body: b"7",
    "an empty object": lambda body: b"{}",
    "an empty list": lambda body: b"[]",
    "garbage behind": lambda body: body + b"\n<!-- cached -->",
    "a byte order mark": lambda body: b"\xef\xbb\xbf" + body,
    "200000 brackets": lambda body: b"[" * 200_000,
    "1e999": lambda body: b'{"data": [1e999]}',
    "a number of 100000 digits": lambda body: b'{"data": [' + b"9" * 100_000 + b"]}",
    "NUL": lambda body: body[:-1] + b"\x00}",
    "no UTF-8": lambda body: bytes(range(256)),
    "the first half": lambda body: body[: len(body) // 2],
    "a control character": lambda body: body.replace(b"{", b'{"\x1b]0;owned\x07": ', 1),
}
"""Results that are none of the job: each is put aside, and the result is fetched again."""
HEADERS = ("text/plain", "text/plain; charset=latin-1", "text/html; charset=ascii", "application/octet-stream", None)
"""Content types under which a result with letters beyond ASCII is stored as it was."""


def with_letters(body: bytes) -> bytes:
    """The same result with letters beyond ASCII in a field that nobody reads."""
    return body.replace(b"{", '{"note": "Clausius \u2603 caf\u00e9",'.encode(), 1)


# -- states

STATES: Mapping[str, object] = {
    "Failed": "Failed",
    "Cancelled": "Cancelled",
    "Queued": "Queued",
    "Running": "Running",
    "lower case": "completed",
    "never heard of": "Paused",
    "empty": "",
    "null": None,
    "a number": 7,
    "a list": ["Completed"],
    "control characters": "\x1b[2JCompleted\x07",
}
"""Words for the state of a job that is done."""


def state(word: object, reason: str = "") -> Change:
    """Another state than that of the job."""

    def change(content: dict[str, Any]) -> None:
        content["status"] = word
        content["state"] = {**content["state"], "status": word} | ({"reason": reason} if reason else {})

    return told(change)


def without_state(body: bytes) -> bytes:
    """A job of which nothing is said."""
    content = json.loads(body)
    for name in ("status", "state"):
        content.pop(name, None)
    return json.dumps(content).encode()


# -- lists


def every_job(platform: LocalPlatform, change: Callable[[dict[str, Any]], object] = lambda job: None) -> Change:
    """All jobs of the instance, whatever was asked for."""

    def edit(body: bytes) -> bytes:
        jobs = [job.view(params=False) for job in sorted(platform.jobs.values(), key=lambda job: job.number)]
        for job in jobs:
            change(job)
        return json.dumps({**json.loads(body), "jobs": jobs, "count": len(jobs)}).encode()

    return edit


def _jobs(change: Callable[[list[Any]], list[Any]]) -> Change:
    return told(lambda content: content.update(jobs=change(content["jobs"])))


def _entries(change: Callable[[dict[str, Any]], object]) -> Change:
    def each(content: dict[str, Any]) -> None:
        for job in content["jobs"]:
            change(job)

    return told(each)


def lists(platform: LocalPlatform) -> dict[str, Change]:
    """By name, what is made of a list of jobs."""
    return {
        "unfiltered": every_job(platform),
        "unfiltered, reversed": told_after(every_job(platform), _jobs(lambda jobs: jobs[::-1])),
        "unfiltered, tags not told": every_job(platform, lambda job: job.pop("tags")),
        "unfiltered, tags null": every_job(platform, lambda job: job.update(tags=None)),
        "only those of others": told_after(
            every_job(platform), _jobs(lambda jobs: [job for job in jobs if "colleague" in str(job["tags"])])
        ),
        "reversed": _jobs(lambda jobs: jobs[::-1]),
        "empty": _jobs(lambda jobs: []),
        "empty, counted 0": lambda body: b'{"jobs": [], "count": 0, "limit": 200, "offset": 0}',
        "every entry twice": _jobs(lambda jobs: jobs * 2),
        "the first alone": _jobs(lambda jobs: jobs[:1]),
        "a huge count": told(lambda content: content.update(count=10**9)),
        "a negative count": told(lambda content: content.update(count=-1)),
        "no count": told(lambda content: content.pop("count")),
        "no list": told(lambda content: content.pop("jobs")),
        "a list of null": told(lambda content: content.update(jobs=[None])),
        "entries without an id": _entries(lambda job: job.pop("id")),
        "entries without tags": _entries(lambda job: job.pop("tags")),
        "tags that are a word": _entries(lambda job: job.update(tags="colleague")),
    }


def told_after(first: Change, then: Change) -> Change:
    return lambda body: then(first(body))


MAY_TWIN: typing.Final = frozenset({"empty", "empty, counted 0", "only those of others", "the first alone"})
"""Lists that say that a job is not there: with a lost answer besides, it is sent again, and is found later."""
