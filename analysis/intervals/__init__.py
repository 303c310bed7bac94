"""Values with standard errors and 95 % intervals: draws, the region of the likelihood, the posterior."""
