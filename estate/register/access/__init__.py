"""Access to services: who lives how far from the nearest public counter."""
