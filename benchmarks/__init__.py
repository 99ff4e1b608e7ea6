"""What the handlers cost, compared with a textbook provider: `make bench`."""
