"""The resource types that a stack may have, under one interface."""
