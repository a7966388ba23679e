"""Transmission from case counts: the reproduction number and the rate of growth."""
