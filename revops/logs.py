"""What a line of the log says, and what it keeps to itself."""

import logging
import re

# As PostgreSQL writes it below an error, and as it stands within the error's repr().
_ROWS = re.compile(
    r"\n(?:DETAIL|CONTEXT):.*?(?=\n\n(?:The above exception|During handling)|\Z)"
    r"|\\n(?:DETAIL|CONTEXT):.*?(?=['\"]\)|\n|\Z)",
    re.DOTALL,
)


class Line(logging.Formatter):
    """A record without the rows that PostgreSQL quotes when it refuses them: they hold names and addresses."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's text; the constraint is named, the row is not."""
        return _ROWS.sub("", super().format(record))
