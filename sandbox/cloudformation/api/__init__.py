"""CloudFormation's operations on the wire."""
