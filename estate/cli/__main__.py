"""`python -m estate.cli`."""

from estate.cli import main

main()
