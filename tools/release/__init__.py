"""Checks that a release is ready, and makes its files; guide/releasing.md says what follows."""
