"""The API door."""

urlpatterns: list = []
