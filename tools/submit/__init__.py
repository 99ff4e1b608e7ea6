"""Registers the type in an account and region; guide/registering.md says how and why."""
