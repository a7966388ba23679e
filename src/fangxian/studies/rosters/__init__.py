"""Rosters of teams from a folder of tables to a roster in words."""
