"""From parameters to a compiled program: experiment, points, observables, circuits, shots."""
