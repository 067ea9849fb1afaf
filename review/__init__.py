"""Template review: what a change does to each stage's templates."""
