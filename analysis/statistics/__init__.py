"""Laws of statistics: tails, quadratic forms, trial factors, homogeneity. Nothing of the run is known here."""
