"""A program on a chip: which qubits, which gates, how wires are routed."""
