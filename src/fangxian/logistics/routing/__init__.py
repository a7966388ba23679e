"""Who fetches whom, in which order, by a fleet that must not mix the infected with others. 转运."""
