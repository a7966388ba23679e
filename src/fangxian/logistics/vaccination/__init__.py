"""Vaccination sessions for the elderly: fixed sites, mobile teams, and visits to those who cannot come."""
