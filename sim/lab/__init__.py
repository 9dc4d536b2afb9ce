"""The lab: runs, experiments, studies, effects."""
