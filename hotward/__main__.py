"""`python -m hotward` is `hotward`."""

from hotward.cli import main

main()
