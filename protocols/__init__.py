"""What is done to the qubits: one file a protocol, circuits beside the exact prediction.

The directory is the registry: `protocols/heat_exchange.py` is the protocol `heat-exchange`; a leading
underscore marks machinery.
"""

from protocols.catalogue.registry import load as load
from protocols.catalogue.registry import names as names
from protocols.catalogue.registry import readable as readable
from protocols.program.compiler import compile as compile
from protocols.program.experiment import Experiment as Experiment
from protocols.program.observable import Observable as Observable
from protocols.program.points import Points as Points
from protocols.program.program import Block as Block
from protocols.program.program import Program as Program
from protocols.program.sample import Sample as Sample
from protocols.program.setting import Outcome as Outcome
from protocols.program.setting import Setting as Setting
from protocols.types.arrays import Array as Array
from protocols.types.errors import ProtocolError as ProtocolError
from protocols.types.errors import RequestError as RequestError

__all__ = [
    "Array",
    "Block",
    "Experiment",
    "Observable",
    "Outcome",
    "Points",
    "Program",
    "ProtocolError",
    "RequestError",
    "Sample",
    "Setting",
    "compile",
    "load",
    "names",
    "readable",
]

__part_of__ = "hotward"
"""By this `hotward.packages` tells it from a package of this name that another distribution brought."""
