"""What is done to the qubits: one file a protocol, circuits beside the exact prediction.

The directory is the registry: `protocols/heat_exchange.py` is the protocol `heat-exchange`; a leading
underscore marks machinery.
"""

from protocols._compile import compile as compile
from protocols._errors import RequestError as RequestError
from protocols._program import Array as Array
from protocols._program import Block as Block
from protocols._program import Experiment as Experiment
from protocols._program import Observable as Observable
from protocols._program import Outcome as Outcome
from protocols._program import Points as Points
from protocols._program import Program as Program
from protocols._program import Sample as Sample
from protocols._program import Setting as Setting
from protocols._registry import load as load
from protocols._registry import names as names

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
