"""Files out of the register: tables of rows, and the formats they are written in."""
