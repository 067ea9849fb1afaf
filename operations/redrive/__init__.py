"""What failed and waits for a person, as a command: `python -m operations.redrive list|show|move|drop`."""
