"""The IaC generator: finds resources of hosted types, and writes templates for them.

- scans: resource scans, which list and read all resources of some types
- templates: generated templates, which read the resources that a request names
- handlers: how both invoke handlers
- errors: the errors of the generator's API
"""
