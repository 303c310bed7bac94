"""Runs from files measured elsewhere."""

from devices.imports.import_run import import_file as import_file
