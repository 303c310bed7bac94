"""Which way the heat went, as numbers, and the sentences that say it."""
