"""Which counts in a table of series are unusual, by any of the methods, each alarm with its reason."""
