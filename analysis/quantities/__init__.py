"""Functions of states, and the observables of a table made of them."""
