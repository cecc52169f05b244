"""The four departments and their names. Pure."""

from __future__ import annotations

from enum import StrEnum

from funnel.words import Words


class Department(StrEnum):
    """The four departments of the revenue model, in the order of the ring."""

    MARKETING = "marketing"
    INSIDE_SALES = "inside_sales"
    FIELD_SALES = "field_sales"
    CUSTOMER_SUCCESS = "customer_success"


DEPARTMENT_WORDS: dict[str, Words] = {
    Department.MARKETING: Words("Marketing", "マーケティング"),
    Department.INSIDE_SALES: Words("Inside Sales", "インサイドセールス"),
    Department.FIELD_SALES: Words("Field Sales", "フィールドセールス"),
    Department.CUSTOMER_SUCCESS: Words("Customer Success", "カスタマーサクセス"),
}


# As people say it in passing, beside a name.
DEPARTMENT_SHORT: dict[str, Words] = {
    Department.MARKETING: Words("Marketing", "マーケ"),
    Department.INSIDE_SALES: Words("IS", "IS"),
    Department.FIELD_SALES: Words("FS", "FS"),
    Department.CUSTOMER_SUCCESS: Words("CS", "CS"),
}
