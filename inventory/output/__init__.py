"""Answers as a table, JSON, CSV or Parquet, on standard output or in a file.

- destination: in which form and where an answer goes, decided before the query runs
- forms: JSON, CSV and Parquet, made while the rows arrive
- table: for people
- values: the values of an answer as text, which a database of its own makes
- file: a file that is there when it is complete
"""
