"""``python -m sim.cli`` is the command ``bridgework``."""

from sim.cli import main

main()
