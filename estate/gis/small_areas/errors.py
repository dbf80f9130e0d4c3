"""What can go wrong with a file of small areas, one class a rule."""

from estate.errors import InvalidInput, NotFound


class UnreadableSmallAreas(InvalidInput):
    """The file can't be read as populations of small areas. Give a CSV file with one row for each area."""


class NoSuchSmallAreas(NotFound):
    """There is no such file of small areas. It may have been entered under another address."""
