"""Many ids as one parameter of a statement."""

from collections.abc import Iterable


def as_array(ids: Iterable[int]) -> str:
    """The ids as PostgreSQL writes an array, for a parameter that the statement casts to `bigint[]`.

    The driver takes a tenth of a second to write a list of a hundred thousand, and an import needs it again and again.
    """
    return f"{{{','.join(map(str, ids))}}}"
