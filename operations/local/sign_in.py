"""An identity token for the local APIs: of a user of one tenant, made when it is not there yet."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from operations.local import deployment, emulator, guard
from operations.local.problem import Problem

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

IDENTITY = "shardwell-local-identity"


def token(folder: Path, *, tenant: str) -> str:
    """A token that the local APIs take for an hour."""
    local = emulator.running(folder)
    outputs = deployment.outputs(folder).get(IDENTITY)
    if local is None or outputs is None:
        raise Problem("Nothing runs that a token could be for: `make up` starts it.")
    cognito: CognitoIdentityProviderClient = guard.client("cognito-idp", port=local.port)
    return token_of(cognito, outputs["UserPoolId"], outputs["UserPoolClientId"], tenant=tenant)


def token_of(cognito: CognitoIdentityProviderClient, pool: str, client: str, *, tenant: str) -> str:
    """A token of the tenant's local user. Its password is made anew each time, and nobody keeps it."""
    name = f"{tenant.encode().hex()}@local.invalid"
    with suppress(cognito.exceptions.UsernameExistsException):  # made for an earlier token
        cognito.admin_create_user(
            UserPoolId=pool,
            Username=name,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": "email", "Value": name}, {"Name": "custom:tenant", "Value": tenant}],
        )
    password = f"Aa1!{secrets.token_urlsafe(24)}"
    cognito.admin_set_user_password(UserPoolId=pool, Username=name, Password=password, Permanent=True)
    answer = cognito.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=client,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": password},
    )
    return answer["AuthenticationResult"]["IdToken"]
