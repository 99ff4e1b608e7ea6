"""Mistakes that a template can have and still deploy, or that fail only when a job runs."""
