"""`python -m hotward` is `hotward`."""

from hotward._cli import main

main()
