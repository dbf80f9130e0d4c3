"""Changing many buildings at once: prepared, previewed, confirmed as one change set, undone as a whole."""
