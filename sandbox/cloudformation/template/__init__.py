"""Templates: reading them, and evaluating them for a stack."""
