"""What everything else is written in: arrays and the refusal of a request."""
