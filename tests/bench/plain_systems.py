"""The systems that are written in plain CDK too, and where its resources are not the same in number."""

from __future__ import annotations

SYSTEMS = ("identity", "sales-intelligence")
"""As in the stacks' names. The benchmark leaves other systems out, on both sides."""

FEWER = {("sales-intelligence", "AWS::IAM::Policy"): 3}
"""By how many resources of a type a stack in plain CDK has fewer, in every stage.

A function's permission to trace is in the policy of its other grants, where ours is apart. This favours the
plain side.
"""
