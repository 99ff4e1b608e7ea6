"""Refuses what the sandbox lacks, in words and in the protocol of the service that was asked.

app.py       the application that refuses what none of the applications behind it answers
asked.py     the service, the operation and the protocol of a request
errors.py    an error in each of the protocols
metadata.py  which services there are in AWS, as botocore's models have them
"""

from sandbox.unsupported.app import UnsupportedApp

__all__ = ["UnsupportedApp"]
