"""Ways between the places that tables name."""
