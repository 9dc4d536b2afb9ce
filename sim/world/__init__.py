"""The world: its columns, how it is built, and ties."""
