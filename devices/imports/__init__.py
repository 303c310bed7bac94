"""Runs from files measured elsewhere, and from rows in memory."""

from devices.imports.import_run import ImportOptions as ImportOptions
from devices.imports.import_run import import_file as import_file
from devices.imports.import_run import import_sheet as import_sheet
from devices.imports.sheet import Sheet as Sheet
