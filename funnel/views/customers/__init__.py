"""Customers under contract: the list, what the record says of one, and the acts on it."""

from funnel.views.customers.doors import PATHS as ACT_PATHS
from funnel.views.customers.listing import customer_list, export_customers

__all__ = ["ACT_PATHS", "customer_list", "export_customers"]
