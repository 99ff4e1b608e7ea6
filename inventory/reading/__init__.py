"""What is read from SageMaker for a query, and by which calls.

- service: SageMaker in one place, for many threads
- kinds: definitions and schedules, and which call tells what of them
- listing: all items of a kind in one place, page by page
- threads: the threads that make the calls
- reading: one query's calls, and what failed
"""
