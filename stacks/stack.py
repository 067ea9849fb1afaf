"""What every system's stack has in common: its name, its tags, and how it is deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import aws_cdk as cdk

from shardwell_cdk import Settings

if TYPE_CHECKING:
    from shardwell_cdk.monitoring import Monitoring


class StackProps(TypedDict):
    stack_name: str
    description: str
    tags: dict[str, str]
    termination_protection: bool
    synthesizer: cdk.IStackSynthesizer | None


def stack_props(settings: Settings, *, system: str, description: str) -> StackProps:
    """Arguments of the stack of a system in a stage."""
    return StackProps(
        stack_name=f"shardwell-{settings.stage}-{system}",
        description=description,
        tags={"stage": settings.stage, "system": system},
        termination_protection=settings.retain,
        # The emulator refuses the roles that `cdk bootstrap` makes; there the caller's own credentials deploy.
        synthesizer=cdk.CliCredentialsStackSynthesizer() if settings.stage == "local" else None,
    )


def monitoring_of(stack: cdk.Stack, settings: Settings) -> Monitoring | None:
    """The alarms and the dashboard of a stack, in stages that have them."""
    if not settings.alarms:
        return None
    # A second to import: a synth of the stages without alarms does not wait for it.
    from shardwell_cdk.monitoring import Monitoring

    return Monitoring(stack, "Monitoring", name=stack.stack_name, settings=settings)
