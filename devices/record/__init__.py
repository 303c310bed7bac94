"""One run directory: what is written when, sealed, and read back."""
