"""Sales of a time read from their table into the lake again: `python -m operations.replay --from … --until …`."""
