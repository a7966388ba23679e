"""Hours and kilometres between places, from a list of roads."""
