"""Every stage times every stack."""

from __future__ import annotations

import aws_cdk as cdk

from shardwell_cdk import add_guard_rails
from stacks.carousel_sync import CarouselSync
from stacks.delivery import add_delivery
from stacks.identity import Identity
from stacks.sales_intelligence import SalesIntelligence
from stacks.settings import chosen_stages


def build(app: cdk.App) -> None:
    """Puts the stages into the app: all of them, or the one of `-c stage=NAME`; in `-c region=NAME` if given.

    And, for `-c repository=OWNER/NAME`, what that repository's pipeline deploys them with.
    """
    region = app.node.try_get_context("region")
    for settings in chosen_stages(app.node.try_get_context("stage")):
        environment = cdk.Environment(account=settings.account, region=region or settings.region)
        stage = cdk.Stage(app, settings.stage, env=environment)
        identity = Identity(stage, "Identity", settings=settings)
        intelligence = SalesIntelligence(stage, "SalesIntelligence", settings=settings, identity=identity)
        CarouselSync(stage, "CarouselSync", settings=settings, sales=intelligence.sales)
    add_delivery(app)
    add_guard_rails(app)


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    app.synth()
