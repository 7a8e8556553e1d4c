"""`python -m shrug` is the same as `shrug`."""

from shrug.cli import main

main()
