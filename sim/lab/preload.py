"""Imported by the process from which workers are forked, before there are any: the model, and its compiled rules if they are kept."""

import contextlib
import gc

with contextlib.suppress(Exception):  # a worker that meets the same fault tells it
    import sim.lab.worker  # noqa: F401
    from sim.compiled import is_warm
    from sim.lab.warmup import compile_backwards

    if is_warm():
        compile_backwards(["A", "B"])
gc.freeze()  # a collection would make each worker copy all that it shares
