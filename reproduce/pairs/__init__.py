"""The pairs of qubits that the papers have: closed, and in baths."""
