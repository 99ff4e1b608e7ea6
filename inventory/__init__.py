"""SQL over the model quality job definitions of accounts and regions. guide/sql.md shows how.

- command: the make target `sql`: its options, what it prints, and its exit code
- prompt: queries typed one after the other
- statements/: what a statement asks for, from its text
- queries/: the named queries
- session: the accounts and regions that are asked, and the tables over them
- accounts, regions: whose definitions are read, and where
- database/: DuckDB, which plans a query and has only what it needs read
- connection: how DuckDB is set
- reading/: what is read from SageMaker, and by which calls
- answering: the answer to a query, and what is missing from it
- dry_run: the calls that a query would make
- writes/: INSERT, UPDATE and DELETE, through the provider's handlers
- output/, progress: answers as a table, JSON, CSV or Parquet, and a bar meanwhile
- tables, columns: the names in SQL
- words: nearest names and lists, for messages
- errors: what ends a command
"""
