"""Shapes and areas: boundaries, coordinates, geocoding and maps. Knows nothing of buildings."""
