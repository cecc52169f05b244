"""What is served as static files, and how it is compressed."""

import gzip
import importlib.util
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import brotli
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage, Storage
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

PLOTLY = "plotly.min.js"


class PlotlyFinder(BaseFinder):
    """Exposes plotly.min.js out of the plotly wheel: figures and their renderer are always of one release.

    Only that file, as `plotly/plotly.min.js`; its folder also holds a bundle nobody needs.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        spec = importlib.util.find_spec("plotly")
        assert spec is not None
        assert spec.origin is not None
        self.storage = FileSystemStorage(location=Path(spec.origin).parent / "package_data")
        self.storage.prefix = "plotly"  # type: ignore[attr-defined]  # collectstatic reads it.

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path != f"plotly/{PLOTLY}":
            return []
        found = self.storage.path(PLOTLY)
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[tuple[str, Storage]]:
        yield PLOTLY, self.storage


class QuickCompressor(Compressor):
    """The last few per cent of compression cost twenty seconds of the first start; nobody waits for them here."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        return brotli.compress(data, quality=7)

    @staticmethod
    def compress_gzip(data: bytes) -> bytes:
        output = io.BytesIO()
        with gzip.GzipFile(filename="", mode="wb", fileobj=output, compresslevel=6, mtime=0) as file:
            file.write(data)
        return output.getvalue()

    def compress(self, path: str) -> "list[str]":
        """Compress `path` unless that was done before: its name holds the hash of its content."""
        if Path(f"{path}.br").exists():
            return [f"{path}.br", f"{path}.gz"]
        return super().compress(path)


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Hashed names, compressed once."""

    def create_compressor(self, **kwargs: Any) -> Compressor:
        return QuickCompressor(**kwargs)
