"""What can go wrong with a run, beside `protocols.RequestError` (the request is wrong, before any shot).

RunError                        something is wrong with a run or its directory: exit status 1
├── ForeignRun                  not a directory that hotward wrote
├── UnfinishedRun               no stop.json: interrupted
│   └── PendingRun              its jobs are on a platform, or were: `collect` goes on with it
│       └── Interrupted         by Ctrl-C, likewise
├── DamagedRun                  a file differs from what was sealed, or is missing
├── FailedRun                   the device failed; the directory says why
└── PlatformError               between this machine and a platform; what was paid for is never lost by one
    ├── Refused                 the platform answered no: this request did nothing
    │   ├── NotAuthorised       401, 403, a key or an instance that it does not know
    │   ├── NotFound            404
    │   └── TooManyRequests     429
    ├── Unreachable             no answer, a cut one, or 5xx to the end: a submission may have been carried out
    ├── Unintelligible          an answer that is not what was asked for: HTML, half a document, a word never heard
    └── Silent                  no answer within the deadline; the request may still be under way
"""

from __future__ import annotations

import errno


class RunError(Exception):
    """Something is wrong with a run or its directory; the text names it and says what to do."""


class ForeignRun(RunError):
    """Not a directory that hotward wrote."""


class UnfinishedRun(RunError):
    """A run without stop.json: interrupted, or still pending."""


class PendingRun(UnfinishedRun):
    """A run whose jobs are on a platform; `hotward collect` goes on with it."""


class Interrupted(PendingRun):
    """Ctrl-C while a run was under way on a platform, or on Aer; `hotward collect` goes on with it."""


class DamagedRun(RunError):
    """A file of a sealed run differs from what was sealed, or is missing."""


class FailedRun(RunError):
    """The device failed; the directory says why and holds what was measured until then."""


class PlatformError(RunError):
    """Something is wrong between this machine and the platform."""


class Refused(PlatformError):
    """The platform answered no: this request did nothing."""


class NotAuthorised(Refused):
    """401, 403, a key or an instance that the platform does not know."""


class NotFound(Refused):
    """404."""


class TooManyRequests(Refused):
    """429."""


class Unreachable(PlatformError):
    """No answer, a cut one, or 5xx to the end: whether the request was carried out is unknown."""


class Unintelligible(PlatformError):
    """An answer that is not what was asked for."""


class Silent(PlatformError):
    """No answer within the deadline; the request may still be under way."""


def way_out(error: OSError) -> str:
    """What helps where a file cannot be written, to go on a sentence with: room is not always what is missing.

    >>> way_out(OSError(errno.EROFS, "Read-only file system"))
    'make the file system writable'
    """
    ways = {
        errno.ENOSPC: "make room",
        errno.EDQUOT: "make room",
        errno.EFBIG: "raise the limit on file sizes",
        errno.EROFS: "make the file system writable",
        errno.EACCES: "get the right to write there",
        errno.EPERM: "get the right to write there",
    }
    return ways.get(error.errno or 0, "see to that")
