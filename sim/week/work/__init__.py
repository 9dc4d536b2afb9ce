"""The work of the professions: one rule a family."""
