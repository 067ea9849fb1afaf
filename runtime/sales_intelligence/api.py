"""The Lambda function behind the API of Sales Intelligence.

Tokens are Cognito's ID tokens: an access token has no custom attribute, so it is a 403 here.
"""

from __future__ import annotations

import os

from sales_intelligence.api_answers import sales_handler
from sales_intelligence.repository import Sales
from sales_intelligence.tables import SALES
from shardwell.client import shared_client
from shardwell.secrets import SigningKeys
from shardwell.store import Store

TABLE_NAME = os.environ["TABLE_NAME"]

# Made while Lambda starts, at full speed and for one thread only.
client = shared_client()


def sales_with(cursor_keys: tuple[bytes, ...]) -> Sales:
    """The sales of this stage, their cursors signed with these keys."""
    return Sales(Store(SALES, name=TABLE_NAME, client=client, cursor_keys=cursor_keys))


handler = sales_handler(sales_with=sales_with, keys=SigningKeys(os.environ["CURSOR_SECRET_ARN"]))
