"""From register rows to a problem, from a solution to a stored proposal."""
