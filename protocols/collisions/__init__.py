"""A system that meets fresh thermal ancillas: circuits, weights, exact states."""
