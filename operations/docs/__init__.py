"""The pages that are made from the code: the reference of both libraries, and a picture of each table."""
