"""Made-up problems of realistic size, from seeds: one geography for all parts, then a module a problem."""
