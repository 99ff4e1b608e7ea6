"""The documentation site: the pages of this project, built by Sphinx."""
