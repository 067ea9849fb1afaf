"""Parts of a path that hold any text, through a gateway that decodes paths before it finds their route.

API Gateway's HTTP APIs decode every escape of a path but `%25`, then look for `/`, and cut the path at a `?`. So a
part is percent-encoded as everywhere, and a slash, a question mark or a percent sign in it is encoded twice: the id
`gid://shop/7` is `gid:%252F%252Fshop%252F7`. The id `.` or `..`, which clients take out of a path, is too.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

_ESCAPED = re.compile("%(?:25|2F|3F|2E)", re.IGNORECASE)
_NOT_ESCAPED = re.compile("%(?!25)")


def path_part(text: str) -> str:
    """Any text as one part of a path."""
    inner = text.replace("%", "%25").replace("/", "%2F").replace("?", "%3F")
    if text in (".", ".."):
        inner = text.replace(".", "%2E")
    return quote(inner, safe="")


def path_value(received: str) -> str:
    """The text that a part of a path stands for, given as the gateway hands it on.

    The percent signs that the gateway left alone are decoded first; where it has decoded them too, there are others
    than `%25`. Escapes that are still there were encoded twice.
    """
    once = received if _NOT_ESCAPED.search(received) else received.replace("%25", "%")
    return _ESCAPED.sub(lambda match: unquote(match.group()), once)
