"""What people run while they work on the type."""
