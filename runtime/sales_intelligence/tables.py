"""The table of Sales Intelligence, described once."""

from sales_intelligence.records import Sale
from shardwell import Key, Table, Ttl

SALES = Table(
    "shardwell-{stage}-sales-intelligence",
    key=Key(PK="TENANT#{tenant}#PRODUCT#{productId}", SK="SALE#{saleDate}#{saleId}").serves(
        "a product's sales by date"
    ),
    indexes={
        "GSI1": Key(
            GSI1PK="TENANT#{tenant}#CATEGORY#{category}#SEASON#{season}#SHARD#{shard}",
            GSI1SK="DATE#{saleDate}#{saleId}",
        )
        .sharded(10, by="saleId")
        .serves("a category's sales in a season by date"),
        "GSI2": Key(GSI2PK="TENANT#{tenant}#EMBEDDING#{shard}", GSI2SK="DATE#{saleDate}")
        .sharded(5, by="productId")
        .when("embeddingId")
        .serves("sales that have an embedding, by date"),
        "GSI3": Key(GSI3PK="TENANT#{tenant}#BRAND#{brand}", GSI3SK="DATE#{saleDate}#{saleId}").serves(
            "a brand's sales by date"
        ),
    },
    ttl=Ttl("ttl", days=730, after="saleDate"),
    stream=True,
    record=Sale,
)
