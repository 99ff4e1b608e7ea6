"""An AWS service with the JSON protocol, as a WSGI application in front of another.

app.py          the protocol: which requests are the service's; the format of responses and errors
caller.py       the account, the region and the keys of a request's signer
constraints.py  checks requests against botocore's model of a service, with the service's messages
strict_json.py  parses JSON, and nothing but JSON
models.py       botocore's models of services
errors.py       the exception that becomes an error response, and the errors of all services
"""
