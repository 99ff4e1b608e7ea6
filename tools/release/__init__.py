"""Checks that a release is ready, and makes its files; docs/releasing.md says what follows."""
