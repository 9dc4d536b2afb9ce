"""Fit a border's own events: read an export, choose, fit how events come about and how deadly they are, and match a scenario to them."""
