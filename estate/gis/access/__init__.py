"""How far people live from a counter: pure geometry and routing, and the road network that an operator loads."""
