"""Sharing out what is scarce, with reasons: allocation, assignment, routing, rostering, pooling."""
