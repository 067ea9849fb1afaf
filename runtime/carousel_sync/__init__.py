"""Carousel sync: sold products become sales in DynamoDB and rows of the lake, each exactly once."""
