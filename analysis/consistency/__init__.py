"""Statistics of the checks: tails, homogeneity, goodness of fit, contradictions between settings."""
