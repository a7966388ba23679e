"""What the API of the brief answers: the published contract of the pure core, unchanged."""

from __future__ import annotations

from fangxian.studies.brief.contract import Brief

__all__ = ["Brief"]
