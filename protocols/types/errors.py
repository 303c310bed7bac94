"""What a wrong request raises.

RequestError (ValueError)   the request is wrong: exit status 2, nothing was measured, nothing is left on disk
"""

from __future__ import annotations


class RequestError(ValueError):
    """A request that cannot be carried out; the text names the argument, the rule, the value and the repair."""
