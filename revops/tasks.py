"""The one piece of work that is nobody's but the wiring's."""

from celery import shared_task

from revops.own_data import building


@shared_task(ignore_result=True)
def start_own_data() -> None:
    """Make the new database that an administrator of the demo asked for, if one did; clear away what is left."""
    if not building.carry_out() and building.is_left():
        building.clear_away()
