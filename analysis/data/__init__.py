"""What was measured, as arrays: counts or expectation values, their frequencies, moments and draws."""
