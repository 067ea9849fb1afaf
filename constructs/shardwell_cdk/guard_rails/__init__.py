"""Checks of every synthesized template, for what cdk-nag does not see."""

from shardwell_cdk.guard_rails.pack import RULES, GuardRails, add_guard_rails
from shardwell_cdk.guard_rails.rule import Rule
from shardwell_cdk.guard_rails.template import Template

__all__ = ["RULES", "GuardRails", "Rule", "Template", "add_guard_rails"]
