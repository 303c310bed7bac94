"""hotward: quantum thermodynamics experiments on qubits, with honest error bars. The command line."""
