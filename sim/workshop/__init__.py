"""The workshop: a live page on which a room full of people sees how trust is built and lost."""
