"""From the database to the pure core, and what the pages of the brief show."""

from fangxian.assessment.selectors.briefs import (
    boundaries_below,
    brief_for,
    brief_of,
    issued_briefs,
    latest_as_of,
)

__all__ = ["boundaries_below", "brief_for", "brief_of", "issued_briefs", "latest_as_of"]
