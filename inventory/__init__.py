"""SQL over the model quality job definitions of accounts and regions. guide/sql.md shows how.

- command: `make sql`: its options, what it prints, and its exit code
- prompt: queries typed one after the other
- statements/: what a statement asks for, from its text
- queries/: the named queries
- accounts, regions: whose definitions are read, and where
- reading/: which calls of SageMaker give which columns
- database/: DuckDB, which plans a query and has only the regions read that it needs
- writes/: INSERT, UPDATE and DELETE, through the provider's handlers
- output/: answers as a table, JSON, CSV or Parquet
- errors: what ends a command
"""
