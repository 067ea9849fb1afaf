"""Sales Intelligence: a multi-tenant history of sales for trend, embedding and brand-price queries."""
