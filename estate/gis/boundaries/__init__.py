"""Boundary levels and areas: reading a file, repairing and checking it, and storing a dated set of areas.

`load.load_boundaries` is the way in; `levels`, `current` and `population` serve others too.
"""
