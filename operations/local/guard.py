"""What keeps every local command away from real AWS: the environment it runs in, and a check before its first call."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from operations.local.problem import Problem

ACCOUNT = "000000000000"
REGION = "eu-west-1"
KEY = "test"
DEFAULT_PORT = 4566
LOOPBACK = ("127.0.0.1", "localhost", "::1")
NAMESPACES = ("AWS_", "CDK_", "BOTO_")


def endpoint_of(port: int) -> str:
    """The one address that local commands talk to.

    An address and not `localhost`: every SDK then puts a bucket into the path instead of asking the resolver for
    `bucket.localhost`, and none tries ::1 first, where the emulator does not listen.
    """
    return f"http://127.0.0.1:{port}"


def environment(outer: Mapping[str, str], *, port: int) -> dict[str, str]:
    """`outer` without anything that could name an account, and with everything that names the emulator."""
    kept = {name: value for name, value in outer.items() if not name.upper().startswith(NAMESPACES)}
    return {
        **kept,
        **no_proxy_for_loopback(outer),
        "AWS_ENDPOINT_URL": endpoint_of(port),
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": KEY,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCOUNT_ID": ACCOUNT,
        # Profiles, sign-on sessions and endpoints of this person stay unread, and no machine role stands in for them.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
        "CDK_DEFAULT_ACCOUNT": ACCOUNT,
        "CDK_DEFAULT_REGION": REGION,
        "CDK_DISABLE_CLI_TELEMETRY": "true",
    }


def enclose(*, port: int) -> None:
    """From here on this process and all that it starts see the emulator only."""
    inside = environment(os.environ, port=port)
    os.environ.clear()
    os.environ.update(inside)


def client(service: str, *, port: int) -> Any:
    """A boto3 client that can reach the emulator only, whatever this process's environment says."""
    import boto3
    from botocore.config import Config

    check_endpoint(endpoint_of(port))
    # The name is a variable here, so the stubs' one overload a service is of no use.
    make: Callable[..., Any] = boto3.session.Session().client
    return make(
        service,
        region_name=REGION,
        aws_access_key_id=KEY,
        aws_secret_access_key=KEY,
        endpoint_url=endpoint_of(port),
        config=Config(
            proxies={},
            connect_timeout=3,
            read_timeout=60,
            max_pool_connections=32,
            retries={"mode": "standard", "total_max_attempts": 5},
        ),
    )


def check(inside: Mapping[str, str]) -> None:
    """Returns if a command with this environment would talk to the emulator and nobody else; refuses otherwise."""
    check_environment(inside)
    check_account(inside["AWS_ENDPOINT_URL"])


def check_environment(inside: Mapping[str, str]) -> None:
    """Refuses an environment from which any AWS SDK could find another address, or keys worth having."""
    check_endpoint(inside.get("AWS_ENDPOINT_URL", ""))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        if inside.get(name) != KEY:
            raise Problem(f"{name} is not the emulator's `{KEY}`; local commands run with no other key.")
    for name in inside:
        if name.startswith("AWS_ENDPOINT_URL_") or name in {"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ROLE_ARN"}:
            raise Problem(f"{name} is set, so a local command could reach AWS; unset it.")


def check_endpoint(endpoint: str) -> None:
    """Refuses an address that is not on this machine."""
    host = urlsplit(endpoint).hostname
    if host not in LOOPBACK:
        raise Problem(
            f"The endpoint {endpoint or '(none)'} is not on this machine; local commands talk to "
            f"{', '.join(LOOPBACK)} only."
        )


def check_account(endpoint: str) -> None:
    """Refuses whatever answers at the endpoint with another account than the emulator's twelve zeros."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    port = urlsplit(endpoint).port or 80
    try:
        account = client("sts", port=port).get_caller_identity()["Account"]
    except (BotoCoreError, ClientError, ResponseParserError) as error:
        raise Problem(f"{endpoint} does not answer as the emulator does ({error}); nothing was sent to it.") from error
    if account != ACCOUNT:
        raise Problem(f"{endpoint} answers for account {account}, not for {ACCOUNT}; nothing was sent to it.")


def no_proxy_for_loopback(outer: Mapping[str, str]) -> dict[str, str]:
    """A proxy, if there is one, stays for package registries and is never asked for this machine."""
    listed = outer.get("NO_PROXY") or outer.get("no_proxy") or ""
    names = [name.strip() for name in listed.split(",") if name.strip()]
    value = ",".join([*names, *(host for host in LOOPBACK if host not in names)])
    return {"NO_PROXY": value, "no_proxy": value}


def without_checkout(inside: Mapping[str, str], *, path: Path) -> dict[str, str]:
    """The environment for the emulator: its Lambda functions must find only what they bundle, as on AWS."""
    hidden = {"PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "VIRTUAL_ENV"}
    kept = {name: value for name, value in inside.items() if name not in hidden}
    return {**kept, "PYTHONNOUSERSITE": "1", "TMPDIR": str(path)}
