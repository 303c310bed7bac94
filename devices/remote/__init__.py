"""Runs whose jobs another machine carries out: submitted now, collected by any process later, on whatever platform.

Reading order: `rounds` (the jobs of a run), `submission` (once), `collection` (raw first), `leftovers` (nothing is left
open), `hold` (one process at a time); `platform` (what these ask of a platform), `patience`, `clock`, `deadline` (how
long), `division`, `qpu_seconds` (jobs and what they take), `secret` (keys that do not print).
"""
