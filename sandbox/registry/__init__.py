"""The types that are hosted, and the registrations that bring more of them."""
