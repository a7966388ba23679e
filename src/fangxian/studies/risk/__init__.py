"""Risk by place, in words, and which lineage replaces which."""
