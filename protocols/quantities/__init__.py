"""Pure functions of states: entropies, correlations, coherence, thermal values. They know of no file and no device."""
