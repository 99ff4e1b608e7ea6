"""Runtimes, which run the functions of a provider, and Lambda's Invoke, which calls them.

contract.py    the interface of every runtime, and the failure of a function
in_process.py  the project's own code, in this process
packaged/      the code of a package, in processes of its own, as Lambda runs it
choice.py      chooses between these two
lambda_api.py  Lambda's Invoke, on top of any runtime
"""
