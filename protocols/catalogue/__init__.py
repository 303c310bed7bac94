"""Which protocols there are, and what the file of each has to say."""

from protocols.catalogue.protocol_class import check_class as check_class
from protocols.catalogue.registry import load as load
from protocols.catalogue.registry import names as names
from protocols.catalogue.registry import readable as readable
