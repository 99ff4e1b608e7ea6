"""The checks, a module for each part of AWS that is checked."""
