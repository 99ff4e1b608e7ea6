"""Templates: parse them, and evaluate them for a stack.

- reading: parses JSON or YAML into a document; YAML tags become functions
- template: checks the structure of a document, and gives access to its sections
- references: finds the names that a template mentions, and the order of its resources
- parameters: gives each declared parameter a value, and checks it
- intrinsics: evaluates intrinsic functions and conditions
- configuration: the desired state of a stack: a template with parameters, tags and the rest
"""
