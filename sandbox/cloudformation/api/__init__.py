"""CloudFormation's API: one method for each operation.

- dispatch: the response class that moto's URLs lead to; it combines the operations below
- stacks: operations on stacks, their resources and imports
- events: the events of stacks, and those of operations
- change_sets: operations on change sets
- drift: operations of drift detection
- templates: GetTemplate, GetTemplateSummary and ValidateTemplate
- registry: operations on resource types
- stack_sets: operations on stack sets that are not moto's alone
- members: which members of a request each operation uses; all others are refused
- generator: operations of the IaC generator: resource scans and generated templates
- requests: reads the parameters that requests about stacks have in common
- descriptions: parts that the descriptions of stacks and change sets have in common
- wire: the backend of a request, and pages of results
"""
