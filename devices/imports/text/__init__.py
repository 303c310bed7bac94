"""Text in tables, however large they are: columns of few different texts, rows that add up, numbers as written."""

from devices.imports.text.coded import CodedColumn as CodedColumn
from devices.imports.text.coded import ColumnReader as ColumnReader
from devices.imports.text.json_rows import rows_of_json as rows_of_json
from devices.imports.text.numbers import MOST_COUNTS as MOST_COUNTS
from devices.imports.text.numbers import REAL as REAL
from devices.imports.text.numbers import THOUSANDS as THOUSANDS
from devices.imports.text.numbers import whole_number as whole_number
from devices.imports.text.progress import LARGE as LARGE
from devices.imports.text.progress import Told as Told
from devices.imports.text.progress import silent as silent
from devices.imports.text.sums import Tallies as Tallies
from devices.imports.text.sums import added_up as added_up
