"""Templates: parse them, and evaluate them for a stack.

- reading: parses JSON or YAML into a document; YAML tags become functions
- template: checks the structure of a document, and gives access to its sections
- declarations: checks the form of parameters, mappings and outputs, and the quotas
- transforms: applies the transforms that a template declares: `includes`, `language_extensions`
- references: finds the names that a template mentions, and the order of its resources
- dynamic_references: finds, checks and replaces `{{resolve:…}}`
- stored_values: reads the values that parameters and dynamic references refer to
- existing_resources: the resources that rules can ask about
- parameter_types: the types that parameters can have
- parameters: gives each declared parameter a value, and checks it
- rules: checks the form of the Rules section, and its assertions
- intrinsics: evaluates intrinsic functions and conditions
- configuration: the desired state of a stack: a template with parameters, tags and the rest
"""
