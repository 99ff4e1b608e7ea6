"""What `make sql` costs, compared with a plain boto3 loop over the same calls: `make bench-sql`."""
