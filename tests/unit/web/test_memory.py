"""What a web process remembers."""

from hypothesis import given
from hypothesis import strategies as st

from estate.web.memory import Memory


def test_what_was_asked_for_least_recently_goes_first() -> None:
    memory = Memory[str](100)
    for name in "abcdefghij":
        memory.keep(name, name.upper(), 10)
    assert memory.find("a") == "A"
    memory.keep("k", "K", 10)
    assert memory.find("b") is None
    assert (memory.find("a"), memory.find("k"), len(memory)) == ("A", "K", 10)


def test_what_takes_too_much_room_is_not_kept() -> None:
    memory = Memory[str](100)
    memory.keep("a", "A", 10)
    memory.keep("b", "B", 11)
    assert (memory.find("a"), memory.find("b")) == ("A", None)


@given(st.lists(st.tuples(st.sampled_from("abcdefghijklmnop"), st.integers(0, 30))))
def test_it_never_takes_more_than_its_room(kept: list[tuple[str, int]]) -> None:
    memory, sizes = Memory[int](100), dict[str, int]()
    for name, size in kept:
        memory.keep(name, size, size)
        if size <= 10:
            sizes[name] = size
        assert memory.size_bytes <= 100
        assert memory.size_bytes == sum(memory.find(one) or 0 for one in sizes)
