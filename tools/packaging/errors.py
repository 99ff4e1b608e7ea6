"""The one exception with which packaging ends."""


class PackagingError(Exception):
    """No package was made; the message says why and what to do."""
