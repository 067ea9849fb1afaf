"""The version of the distribution `shardwell-review`, for whoever reads what it wrote."""

VERSION = "0.1.0"
