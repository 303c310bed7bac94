"""What is done to the qubits: one file a protocol, circuits beside the exact prediction.

The directory is the registry: `protocols/heat_exchange.py` is the protocol `heat-exchange`; a leading
underscore marks machinery.
"""

from protocols.program.compile import compile as compile
from protocols.program.program import Array as Array
from protocols.program.program import Block as Block
from protocols.program.program import Experiment as Experiment
from protocols.program.program import Observable as Observable
from protocols.program.program import Outcome as Outcome
from protocols.program.program import Points as Points
from protocols.program.program import Program as Program
from protocols.program.program import Sample as Sample
from protocols.program.program import Setting as Setting
from protocols.program.registry import load as load
from protocols.program.registry import names as names
from protocols.types.errors import RequestError as RequestError

__all__ = [
    "Array",
    "Block",
    "Experiment",
    "Observable",
    "Outcome",
    "Points",
    "Program",
    "RequestError",
    "Sample",
    "Setting",
    "compile",
    "load",
    "names",
]
