"""AWS on this machine: one process, real wire protocols, no account."""
