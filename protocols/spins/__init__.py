"""Spins with coherence among their states of one excitation, in cascade with a thermal bath."""
