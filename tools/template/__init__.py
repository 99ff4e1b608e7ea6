"""Turns a definition that exists into a template; guide/from-a-notebook.md shows how to use it.

- command: its options, what it prints, and its exit code
- definition: which definition is asked for, and what the provider's READ says of it
- text: the template, with comments
- importing: the commands that import the definition into a stack
- errors: failures, each with what to do next
"""
