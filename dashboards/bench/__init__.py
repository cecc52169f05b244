"""How long pages, their queries and acts take, each beside the bare query it stands on, in one run on one database."""

from dashboards.bench.boards import TAIL, settle
from dashboards.bench.boards import measure as measure_boards
from dashboards.bench.exports import Taken
from dashboards.bench.exports import measure as measure_exports
from dashboards.bench.lists import OPEN_PROMISES
from dashboards.bench.lists import measure as measure_lists
from dashboards.bench.timing import Reading
from dashboards.bench.writes import measure as measure_writes

__all__ = [
    "OPEN_PROMISES",
    "TAIL",
    "Reading",
    "Taken",
    "measure_boards",
    "measure_exports",
    "measure_lists",
    "measure_writes",
    "settle",
]
