"""Boards that decide on pinned evidence. The only place where a proposal's status changes."""
