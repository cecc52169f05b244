"""Customers under contract: the list, the page of one with its health, and the acts on it."""

from funnel.views.customers.doors import PATHS as ACT_PATHS
from funnel.views.customers.listing import customer_list
from funnel.views.customers.record import customer

__all__ = ["ACT_PATHS", "customer", "customer_list"]
