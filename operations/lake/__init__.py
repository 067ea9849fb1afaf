"""Questions to the lake, as a command: `python -m operations.lake query "SELECT …"`."""
