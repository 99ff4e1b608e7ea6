"""Registers the type in an account and region; docs/registering.md says how and why."""
