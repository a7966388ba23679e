"""Unusual counts: when a series leaves what its own past leads one to expect."""
