"""Where the functions of a provider run, and Lambda's Invoke that calls them."""
