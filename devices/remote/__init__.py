"""Runs whose jobs another machine carries out: submitted now, collected by any process later."""
