"""Break templates at random, and see that the sandbox refuses each with words or deploys it.

- mutations: breaks a template, in its text or in its structure
- campaign: sends broken templates to a sandbox, and judges its answers
"""
