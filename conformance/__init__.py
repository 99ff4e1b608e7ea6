"""What is believed of AWS: the beliefs, a check for each, and the command that runs the checks."""
