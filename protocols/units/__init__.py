"""Units: the gap that fixes every scale, quantities with a unit, and gaps of qubits that differ."""

from protocols.units.gap import Dimension as Dimension
from protocols.units.gap import Gap as Gap
from protocols.units.gap import is_quantity as is_quantity
from protocols.units.gaps import GAP as GAP
from protocols.units.gaps import Gaps as Gaps
from protocols.units.gaps import gaps_in as gaps_in
