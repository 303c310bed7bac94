"""What everything else is written in: arrays and the refusal of a request."""

from protocols.types.arrays import Array as Array
from protocols.types.errors import ProtocolError as ProtocolError
from protocols.types.errors import RequestError as RequestError
