"""Templates whose wires are not all neighbours, brought onto one line of wires with the least number of gates."""
