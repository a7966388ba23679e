"""Names of the steps of a course: the number of a queue entry whose kind is ``queue.COURSE``."""

ONSET = 0
"""Word 1 of the entry: case; last word: 1 if the course will be severe."""
SAMPLE = 1
"""Last word: 1 visits a fever clinic, 2 is tested."""
CONFIRM = 2
REPORT = 3
SEVERE = 4
CRITICAL = 5
WARD_WAIT_OVER = 6
"""Last word: tick at which the bed was needed."""
INTENSIVE_WAIT_OVER = 7
LEAVE_WARD = 8
"""Last word: 1 if by death."""
LEAVE_INTENSIVE = 9
DEATH = 10
QUARANTINE = 11
CONTACT_TEST = 12
"""Word 1: number of the test."""
END_APART = 13
IMPORT = 14
