"""A testing round from a folder of tables to a plan in words."""
