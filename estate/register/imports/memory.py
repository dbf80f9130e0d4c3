"""The garbage collector at rest while many rows are in memory.

An import makes millions of small objects and no cycles. At every thousandth the collector walks over them in vain:
that is a quarter of the time. Reference counting goes on, so nothing is kept that would be freed.
"""

import gc
from contextlib import ContextDecorator


class CollectorAtRest(ContextDecorator):
    """Stops the cyclic collector inside a block or a function, and starts it again if it ran before."""

    def __enter__(self) -> "CollectorAtRest":
        self._was_running = gc.isenabled()
        gc.disable()
        return self

    def __exit__(self, *_: object) -> None:
        if self._was_running:
            gc.enable()

    def _recreate_cm(self) -> "CollectorAtRest":
        # A fresh one for each call of a decorated function: calls may nest.
        return CollectorAtRest()
