"""How good the records are: what is missing, old or contradictory, by rules that are rows; and what it costs."""
