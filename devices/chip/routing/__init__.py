"""Templates whose wires are not all neighbours, brought onto one line of wires with the least number of gates."""

from devices.chip.routing.gate_with_swap import gate_then_swap as gate_then_swap
from devices.chip.routing.rewriting import cost as cost
from devices.chip.routing.rewriting import routed as routed
