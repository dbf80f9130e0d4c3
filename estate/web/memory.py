"""What a web process remembers, up to so many bytes: what was asked for least recently goes first."""

from collections import OrderedDict
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Memory(Generic[Value]):
    """Values by name, shared by the threads of a process."""

    def __init__(self, maximum_bytes: int) -> None:
        self._maximum_bytes = maximum_bytes
        self._bytes = 0
        self._found: OrderedDict[str, tuple[Value, int]] = OrderedDict()
        self._lock = Lock()

    def find(self, name: str) -> Value | None:
        """What is remembered under `name`."""
        with self._lock:
            found = self._found.get(name)
            if found is None:
                return None
            self._found.move_to_end(name)
            return found[0]

    def keep(self, name: str, value: Value, size_bytes: int) -> None:
        """Remember `value`, which takes about `size_bytes`; what is larger than a tenth of all is not kept."""
        if size_bytes > self._maximum_bytes // 10:
            return
        with self._lock:
            _, before = self._found.pop(name, (None, 0))
            self._found[name] = (value, size_bytes)
            self._bytes += size_bytes - before
            while self._bytes > self._maximum_bytes:
                _, (_, size) = self._found.popitem(last=False)
                self._bytes -= size

    @property
    def size_bytes(self) -> int:
        """How much of it is in use."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._found)
