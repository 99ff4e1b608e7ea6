"""What a statement asks for, from its text."""
