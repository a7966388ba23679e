"""Unusual counts: when a series leaves what its own past leads one to expect."""

from fangxian.science.detection.ears import EarsMethod, EarsResult, detect_ears

__all__ = ["EarsMethod", "EarsResult", "detect_ears"]
