"""The registry: hosted types, and the registration of private types.

- type_registry: finds the hosted type for a type name in an account and region
- registrations: RegisterType, and the versions of private types of one account and region
- uploaded_package: reads, checks and starts the package of a RegisterType request
- configurations: the configuration data of private types
- errors: the errors that the registry's API returns
"""
