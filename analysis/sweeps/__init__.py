"""A sweep as one curve: the fitted oscillation, net heat and its significance."""
