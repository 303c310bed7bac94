"""Two qubits, thermal one by one and correlated: preparation, exchange, exact values."""
