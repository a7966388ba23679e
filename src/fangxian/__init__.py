"""Fangxian 防线: an epidemic prevention-and-control command system."""

__version__ = "0.1.0"
