"""DuckDB, which plans a query and has only what it needs read.

- tables: their columns, and which call gives each
- filters: what DuckDB's filter on a table says before all columns are known
- judge: which items pass a filter, before everything about them is read
- branch: a table in one account and region, which DuckDB reads lazily
- plan: what DuckDB is going to read for a query
- database: the tables, and the answers to queries
"""
