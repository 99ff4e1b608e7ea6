"""Tags that only AWS can set."""


def is_reserved(key: str) -> bool:
    """Whether only AWS can set a tag with this key: it begins with `aws:`, in any case."""
    return key.lower().startswith("aws:")
