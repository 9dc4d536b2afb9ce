"""A week of the region, one process a file."""
