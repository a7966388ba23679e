"""What a table of places, facilities or boundaries must satisfy, and how the tree is numbered: pure."""
