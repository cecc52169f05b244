"""Importing files: upload, look at the columns, start, watch, and what became of every row."""

from funnel.views.imports.pages import errors_csv, import_list, import_page, progress
from funnel.views.imports.starting import discard, resume, start

__all__ = ["discard", "errors_csv", "import_list", "import_page", "progress", "resume", "start"]
