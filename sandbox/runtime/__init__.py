"""What runs the functions of a provider, and Lambda's Invoke, which calls them.

contract.py    what every runtime offers, and how a function fails
in_process.py  the project's own code, in this process
packaged/      the code of a package, in processes of its own, as Lambda runs it
choice.py      makes the runtime of a package
lambda_api.py  Lambda's Invoke, on top of any runtime
"""
