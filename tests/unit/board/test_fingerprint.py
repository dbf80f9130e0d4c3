"""The fingerprint of pinned evidence does not depend on how the database writes a number or orders a key."""

from estate.board.snapshots import fingerprint


def test_order_of_keys_and_the_form_of_a_number_do_not_matter() -> None:
    assert fingerprint({"a": 1e16, "b": [-0.0, None]}) == fingerprint({"b": [0.0, None], "a": 10**16})


def test_a_changed_figure_matters() -> None:
    assert fingerprint({"a": "1.01"}) != fingerprint({"a": "1.02"})
    assert fingerprint({"a": None}) != fingerprint({"a": 0})
