"""An upload on its way in: what is too large is refused while it arrives, and never kept."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload


class Limit(FileUploadHandler):
    """Stops a file at the limit: the rest is read past, a chunk at a time, and what was kept of it is removed.

    The whole request is heard out, so that the sender sees the sentence and not a broken connection.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass a chunk on while the file is within the limit."""
        if start + len(raw_data) > settings.IMPORT_MAX_BYTES:
            self.request.upload_too_large = True  # type: ignore[union-attr]
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the next handler."""


def was_too_large(request: Any) -> bool:
    """Whether a file of this request was stopped at the limit."""
    request.FILES  # noqa: B018  Read, before it can be asked.
    return bool(getattr(request, "upload_too_large", False))
