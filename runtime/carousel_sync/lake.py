"""The lake's history of sales, described once."""

from shardwell.lake_table import Column, LakeTable

SALES_HISTORY = LakeTable(
    "sales_history",
    namespace="pricing_intelligence",
    columns=(
        Column("tenant_id", "string", required=True),
        Column("year", "int", required=True),
        Column("month", "int", required=True),
        Column("product_id", "string", required=True),
        Column("sale_date", "date", required=True),
        Column("sale_id", "string", required=True),
        Column("season", "string", required=True),
        Column("category", "string", required=True),
        Column("brand", "string"),
        Column("condition", "string"),
        Column("currency", "string", required=True),
        Column("sale_price", "decimal(38, 10)", required=True),
        Column("original_price", "decimal(38, 10)", required=True),
        Column("vendor_id", "string"),
        Column("days_to_sell", "int"),
        Column("description", "string"),
        Column("image_s3_key", "string"),
        Column("embedding_id", "string"),
        Column("embedding_s3_key", "string"),
        Column("embedding", "list<float>"),
        Column("fingerprint", "string"),
        Column("created_at", "timestamptz", required=True),
        Column("updated_at", "timestamptz", required=True),
    ),
    key=("tenant_id", "product_id", "sale_date", "sale_id"),
    partition_by=("tenant_id", "year", "month"),
)
