"""Calibration: which parameter vectors the field's evidence leaves standing."""
