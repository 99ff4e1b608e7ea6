"""The exception of packaging."""


class PackagingError(Exception):
    """No package was built; the message says why and what to do."""
