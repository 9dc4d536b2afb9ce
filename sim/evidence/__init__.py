"""What was measured in the field, and the estimators that hold simulated worlds against it."""
