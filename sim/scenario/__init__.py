"""Scenario files: what they may say, how they are read, and whether they are stable."""
