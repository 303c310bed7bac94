"""Data of other programs: every form becomes the rows that the import of counts.csv reads."""

from devices.imports.formats.files import import_data as import_data
from devices.imports.formats.files import import_file as import_file
from devices.imports.formats.files import sheet_of as sheet_of
from devices.imports.formats.labels import read_layout as read_layout
from devices.imports.formats.memory import import_counts as import_counts
from devices.imports.formats.reading import FORMS as FORMS
from devices.imports.formats.reading import ORDERS as ORDERS
from devices.imports.formats.reading import Reading as Reading
