"""The same resources in plain CDK, as one would write them without this library: `aws-cdk-lib` and cdk-nag alone."""

from __future__ import annotations

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

from tests.bench.plain_identity import identity
from tests.bench.plain_sales_intelligence import sales_intelligence
from tests.bench.plain_stage import STAGES


def build(app: cdk.App) -> None:
    """Puts every stage into the app, each with the systems of `plain_systems.SYSTEMS`."""
    for stage in STAGES:
        scope = cdk.Stage(app, stage.name, env=cdk.Environment(account=stage.account, region="eu-west-1"))
        pool, client = identity(scope, stage)
        sales_intelligence(scope, stage, pool, client)


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
