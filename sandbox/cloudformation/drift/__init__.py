"""Drift detection: what a template declares, compared with what READ returns.

- expectation: what a resource should be: its properties in the template, and the stack's tags
- comparison: the differences between expected and actual properties, as CloudFormation shows them
- concealment: what results show of dynamic references, instead of their values
- results: what is known about the drift of a stack and of its resources
- detection: runs of drift detection, on whole stacks or on single resources

Source, unless a place names another one: CloudFormation user guide, "Detect unmanaged configuration
changes to stacks and resources with drift detection"; API reference, StackResourceDrift and
PropertyDifference.
"""
