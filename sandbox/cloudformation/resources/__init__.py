"""The resource types that a stack can contain. See `resource_type` for their interface."""
