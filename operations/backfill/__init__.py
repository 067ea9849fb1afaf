"""The TTL backfill as a command: `python -m operations.backfill --table NAME --stage STAGE`."""
