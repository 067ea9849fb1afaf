"""The deployable systems: one file a stack, named as its system."""
