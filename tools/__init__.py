"""The commands behind the make targets, for people who work on the type."""
