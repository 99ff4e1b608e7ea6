"""An AWS service of the JSON protocol, as a WSGI application in front of another.

app.py          the wire: which requests are the service's, and how answers and errors look
caller.py       the account and the region of whoever signed a request
constraints.py  what botocore's model of a service says of a request, in the service's words
models.py       botocore's models of services
errors.py       the exception that becomes an error on the wire, and the errors of all services
"""
