"""An AWS service of the JSON protocol, as a WSGI application in front of another."""
