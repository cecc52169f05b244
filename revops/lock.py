"""`make lock`: resolves the requirements anew, with hashes, for every platform, without the address of any index."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "requirements"


def main() -> int:
    """Write run.txt, dev.txt (which holds run.txt in the same versions) and uv.txt."""
    _compile("pyproject.toml", into="run.txt")
    _compile("pyproject.toml", "--group", "dev", "-c", str(FOLDER / "run.txt"), into="dev.txt")
    _compile("-", "-c", str(FOLDER / "dev.txt"), into="uv.txt", given="uv\n")
    return 0


def _compile(*words: str, into: str, given: str | None = None) -> None:
    command = [
        str(Path(sys.executable).with_name("uv")), "--no-config", "pip", "compile", *words, "--universal",
        "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links",
        "--no-annotate", "--no-header", "--quiet", "--output-file", str(FOLDER / into),
    ]  # fmt: skip
    subprocess.run(command, cwd=ROOT, input=given, text=True, check=True)


if __name__ == "__main__":
    sys.exit(main())
