"""Estate: one register of a place's public buildings, and proof of how to use them better."""
