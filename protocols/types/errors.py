"""What a wrong request raises.

RequestError (ValueError)   the request is wrong: exit status 2, nothing was measured, nothing is left on disk
  ProtocolError             the file of a protocol is wrong, whatever was requested of it
"""

from __future__ import annotations


class RequestError(ValueError):
    """A request that cannot be carried out; the text names the argument, the rule, the value and the repair."""


class ProtocolError(RequestError):
    """A mistake in the file of a protocol; the text names the file, the method, what is missing and the repair."""
