"""Files from outside, parsed in a disposable child process with limits of memory, time and output.

A room that reads files has a module with `LIMITS`, `answer(request)` and `prepare(is_warm)`; `process.Sandbox` runs it.
What the parsers raise, exhaust or abort ends in one sentence for the person who sent the file.
"""


class UnreadableFile(ValueError):
    """A sentence about the whole file, for the person who sent it."""


SURROGATES = "surrogatepass"
"""Halves of characters that a file holds are told as they are: the checks refuse them with their line."""
