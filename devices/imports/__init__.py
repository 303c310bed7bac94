"""Runs from files measured elsewhere, and from rows in memory."""

from devices.imports.formats import Reading as Reading
from devices.imports.formats import import_counts as import_counts
from devices.imports.formats import import_data as import_data
from devices.imports.formats import import_file as import_file
from devices.imports.formats import read_layout as read_layout
from devices.imports.formats import sheet_of as sheet_of
from devices.imports.import_run import ImportOptions as ImportOptions
from devices.imports.import_run import import_sheet as import_sheet
from devices.imports.sheet import Sheet as Sheet
