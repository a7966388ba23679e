"""Units, errors, parameter records and calendars: the ground floor, which imports nothing of the house."""
