"""Pauli words: moments, states, settings and the families of states that they determine."""
