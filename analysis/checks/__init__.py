"""What a referee asks: is the model true, does what ought to vanish vanish, did anything drift."""
