"""Facts about this project that all other folders rely on. Imports none of them."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The folder of the project."""
