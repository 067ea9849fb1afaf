"""Our stacks of the systems that the plain app has too: app.py without the others, which nothing is compared to."""

from __future__ import annotations

import aws_cdk as cdk

from shardwell_cdk import add_guard_rails
from stacks.identity import Identity
from stacks.sales_intelligence import SalesIntelligence
from stacks.settings import chosen_stages


def build(app: cdk.App) -> None:
    """Puts the stages into the app, each with the systems of `plain_systems.SYSTEMS`."""
    for settings in chosen_stages(app.node.try_get_context("stage")):
        environment = cdk.Environment(account=settings.account, region=settings.region)
        stage = cdk.Stage(app, settings.stage, env=environment)
        identity = Identity(stage, "Identity", settings=settings)
        SalesIntelligence(stage, "SalesIntelligence", settings=settings, identity=identity)
    add_guard_rails(app)


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    app.synth()
