"""What the handlers cost, side by side with a textbook provider: `make bench`."""
