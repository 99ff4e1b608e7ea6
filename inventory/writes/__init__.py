"""INSERT, DELETE and UPDATE, carried out by the provider's own handlers.

- writes: carries out a statement, or tells what it would do
- inserting, changing: the operations that a statement has, once everything is checked
- preparing: what these share
- values: values of a query as properties of a definition
- places: where a statement writes
- running: operations, one after the other, and what becomes of each
- outcome: what became of each
- terminal: asks before much is written
"""
