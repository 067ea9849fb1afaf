"""The catalog of the lake (S3 Tables, over Iceberg's REST protocol), and the tables in it as they are described."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from pyiceberg.catalog import Catalog
from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.exceptions import (
    CommitFailedException,
    NamespaceAlreadyExistsError,
    NoSuchTableError,
    TableAlreadyExistsError,
)
from pyiceberg.table import Table
from pyiceberg.transforms import IdentityTransform

from shardwell.ambient import Ambient
from shardwell.errors import SchemaError, Unavailable
from shardwell.lake_schema import (
    iceberg_partitions,
    iceberg_schema,
    iceberg_type,
    lacking_columns,
    lacking_partitions,
    lacking_properties,
)
from shardwell.lake_table import FORMAT, PROPERTIES, LakeTable

SIGNING_NAME: Final = "s3tables"
RETRIES: Final = "3"
"""Of a connection that could not be made; requests that may have arrived are never sent again by the transport."""


def open_catalog(table_bucket_arn: str, *, endpoint: str | None = None) -> Catalog:
    """The catalog of a table bucket, where the bucket's region has it, or at the endpoint of an emulator."""
    region = _region(table_bucket_arn)
    settings = {
        "uri": f"{endpoint or f'https://s3tables.{region}.amazonaws.com'}/iceberg",
        "warehouse": table_bucket_arn,
        "rest.sigv4-enabled": "true",
        "rest.signing-name": SIGNING_NAME,
        "rest.signing-region": region,
        "rest.sigv4.max-retries": RETRIES,
        "client.region": region,
        "py-io-impl": "pyiceberg.io.pyarrow.PyArrowFileIO",
    }
    if endpoint:
        settings["s3.endpoint"] = endpoint
    return RestCatalog("lake", **settings)


def ensure_table(catalog: Catalog, lake: LakeTable, *, ambient: Ambient = Ambient()) -> Table:
    """The table in the catalog, which then has all that its description says; made or extended where it lacks some.

    Any number may do this at once: who comes second finds it done. Nothing is ever taken away from a table.
    """
    for _ in ambient.attempts():
        try:
            found = load_or_create(catalog, lake)
            return found if _complete(lake, found) else _extended(catalog, lake, found)
        except CommitFailedException:
            continue
    raise Unavailable(
        f"The table {lake.namespace}.{lake.name} is being changed by others all the time: try again later."
    )


def load_or_create(catalog: Catalog, lake: LakeTable) -> Table:
    """The table in the catalog as it is; a new one of the description where there is none."""
    identifier = (lake.namespace, lake.name)
    try:
        return catalog.load_table(identifier)
    except NoSuchTableError:
        pass
    with suppress(NamespaceAlreadyExistsError):
        catalog.create_namespace(lake.namespace)
    try:
        return catalog.create_table(
            identifier,
            iceberg_schema(lake),
            partition_spec=iceberg_partitions(lake),
            properties={"format-version": FORMAT, **PROPERTIES},
        )
    except TableAlreadyExistsError:
        return catalog.load_table(identifier)


def _complete(lake: LakeTable, found: Table) -> bool:
    return not (lacking_columns(lake, found) or lacking_partitions(lake, found) or lacking_properties(found))


def _extended(catalog: Catalog, lake: LakeTable, found: Table) -> Table:
    if columns := lacking_columns(lake, found):
        # A required column is new only to a table without rows: `lacking_columns` has seen to that.
        with found.update_schema(allow_incompatible_changes=True) as schema:
            for column in columns:
                schema.add_column(column.name, iceberg_type(column), required=column.required)
    if partitions := lacking_partitions(lake, found):
        with found.update_spec() as spec:
            for name in partitions:
                spec.add_field(name, IdentityTransform(), name)
    if properties := lacking_properties(found):
        with found.transaction() as transaction:
            transaction.set_properties(properties)
    return catalog.load_table((lake.namespace, lake.name))


def _region(table_bucket_arn: str) -> str:
    parts = table_bucket_arn.split(":")
    if len(parts) != 6 or parts[2] != SIGNING_NAME or not parts[5].startswith("bucket/"):
        raise SchemaError(
            f"The table bucket {table_bucket_arn!r} is not the ARN of one: give "
            "arn:aws:s3tables:REGION:ACCOUNT:bucket/NAME."
        )
    return parts[3]
