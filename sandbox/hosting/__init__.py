"""One operation on one resource of a hosted type. Knows no stack."""
