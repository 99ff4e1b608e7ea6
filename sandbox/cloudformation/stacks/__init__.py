"""Stacks and the operations on them, from a request to the events of its deployment.

1. Request: `requests` validates what the caller asks for and returns a configuration
   (template/configuration.py), which is the state that the stack should reach.
2. Decision: `decision` compares the current and the desired state of one resource and chooses to
   create, keep, update or replace it. `plan` asks it for a change set, `deployment` for the
   real operation.
3. Plan: `plan` lists the changes that an update would make. `change_sets` stores them until they
   are executed or deleted. `validation` looks for what is wrong with the resources before anything
   is provisioned, and `findings` says how change sets and stacks report it.
4. Deployment: `operations` checks at once whether an operation may start, and starts it in the
   background. `deployment` runs one operation: it creates, updates and deletes resources in
   dependency order and rolls back on failure. `provisioning` gives types the values of dynamic
   references, and stacks the references. `cleanup` deletes what the stack does not keep, and
   `retention` says what stays behind. `nested` runs the deployment of a child stack inside that of
   its parent. For an import, `importing` checks what a change set may contain, and `adoption` takes
   the existing resources into the stack.
5. Events: `stack` holds the current state of a stack, and records an event for each change of
   status. `history` holds the operations and their events. The words are in
   sandbox/cloudformation/status_reasons.py.

What the stages share:

- surroundings: what a deployment needs from its account and region, and the values of Ref,
  Fn::GetAtt and Fn::ImportValue during the deployment
- records: the live and deleted stacks of one account and region
- exports: exported values, and the stacks that import them
- stack_policy: which updates are allowed on which resources
- notifications: the topics that events are sent to
- errors: DeploymentFailed and ValidationFailed
"""
