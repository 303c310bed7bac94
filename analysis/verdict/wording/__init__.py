"""The sentences of verdict and checks, made of their numbers: for the terminal, verdict.json and the report alike."""
