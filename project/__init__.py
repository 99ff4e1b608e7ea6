"""Facts of this project that sandbox, tools and benchmarks stand on. Imports nothing of them."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds the project."""
