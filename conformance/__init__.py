"""What is assumed about AWS: the beliefs, a check for each, and the command that runs them."""
