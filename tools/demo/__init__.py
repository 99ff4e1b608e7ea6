"""The demo: a template is deployed, changed and deleted in a sandbox."""
