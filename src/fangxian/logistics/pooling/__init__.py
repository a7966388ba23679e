"""Pooled testing: how many specimens share a tube, what that saves and what it misses."""
