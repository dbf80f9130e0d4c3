"""Where people live: small areas (LSOA) as points with their population, from a file, dated and with its source.

`load.load_small_areas` is the way in; `current` gives what is in force.
"""
