"""A file of no known layout: its header found, its columns and words guessed, corrected by a person, and remembered.

A mapping becomes a layout (`mapped.layout_of`), so that mapped files go the same way as all others from there on.
"""
