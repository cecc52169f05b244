"""What the schema says of the answers about promises."""

from __future__ import annotations

from rest_framework import serializers

from funnel.api import shapes
from handoffs.lanes import Boundary, Decision, Promise

HANDOFF = shapes.shape(
    "Handoff",
    id=shapes.number(), boundary=shapes.code(Boundary), round=shapes.number(), lead=shapes.number(null=True),
    deal=shapes.number(null=True), customer=shapes.number(null=True), from_department=shapes.text(),
    to_department=shapes.text(), owner=shapes.number(null=True), decision=shapes.code(Decision),
    promise=shapes.code(Promise), opened_at=shapes.stamp(null=False), due_at=shapes.stamp(),
    kept_at=shapes.stamp(), missed_at=shapes.stamp(), completed_at=shapes.stamp(),
)  # fmt: skip
SHEET = shapes.shape(
    "CustomerSheet",
    deal=shapes.number(), values=serializers.DictField(child=serializers.CharField(allow_blank=True)),
    score=shapes.text(), missing=serializers.ListField(child=serializers.CharField()),
    submitted_at=shapes.stamp(null=False), submitted_by=shapes.number(null=True),
)  # fmt: skip
QUALIFIED = shapes.shape("Qualified", lead=type(shapes.LEAD)(), deal=type(shapes.DEAL)(allow_null=True))
ITEM = shapes.shape(
    "SheetItem",
    key=shapes.text(), en=shapes.text(), ja=shapes.text(), weight=shapes.number(), required=shapes.flag(),
)  # fmt: skip
LANE = shapes.shape(
    "Lane",
    boundary=shapes.code(Boundary), from_department=shapes.text(), to_department=shapes.text(),
    target=shapes.number(null=True), unit=shapes.text(), threshold=shapes.text(null=True),
    items=type(ITEM)(many=True), since=shapes.stamp(null=False),
)  # fmt: skip
LANES = shapes.listing(LANE)
