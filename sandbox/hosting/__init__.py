"""Run one operation on one resource of a hosted type. Depends on no stack.

- handler_client: create, read, update, delete and list, each driven to its end
- driving: invokes a handler until the operation succeeds, fails or times out
- event: the request of one invocation, and the event that a handler receives
- credentials: the keys in that event, issued by the sandbox's STS
- hosted_type: a resource type's schema together with a way to invoke its handlers
- type_schema: what a registry schema declares: identifiers, create-only properties, time limits
- subschemas: what a schema says of a value, and of the values inside it
- conversion: converts property values to the types that the schema declares
- validation: checks properties against the schema
- patterns: the regular expressions of schemas
- pointers: JSON pointers
- tags: which tags only AWS can set
- scalars: how CloudFormation writes a scalar as text
- place: the account, region and partition of a resource
- timing: the default time limit of handlers, and retries and delays
- interruption: ends a running operation early
"""
