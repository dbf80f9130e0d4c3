"""The fingerprint of pinned evidence does not depend on how the database writes a number or orders a key."""

from estate.board.snapshots import fingerprint


def test_order_of_keys_and_whole_floats_do_not_matter() -> None:
    assert fingerprint({"a": 1.0, "b": [2, None]}) == fingerprint({"b": [2.0, None], "a": 1})


def test_a_changed_figure_matters() -> None:
    assert fingerprint({"a": "1.01"}) != fingerprint({"a": "1.02"})
    assert fingerprint({"a": None}) != fingerprint({"a": 0})
