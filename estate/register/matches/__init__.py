"""One building, many records: matching them, deciding on pairs, and what the register shows of a building."""
