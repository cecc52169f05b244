"""Importing files: upload, look at the columns, start, watch, what became of every row, and undoing it."""

from funnel.views.imports.looking import known
from funnel.views.imports.pages import errors_csv, import_list, import_page, progress
from funnel.views.imports.starting import discard, resume, start, undo

__all__ = [
    "discard",
    "errors_csv",
    "import_list",
    "import_page",
    "known",
    "progress",
    "resume",
    "start",
    "undo",
]
