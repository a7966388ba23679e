"""Sharing out what is scarce: allocation, assignment, routing, rostering and pooling, each with its reasons."""
