"""THE ONLY WRITER of notices (the outbox) and of their ways out: write, spread, bundle, claim, send, give up."""

from handoffs.notices.choosing import choose, set_room, stop_room
from handoffs.notices.inbox import mark_all_read, mark_read, of_member, unread
from handoffs.notices.outlets import Standing, standings, try_again
from handoffs.notices.sending import Delivered, deliver
from handoffs.notices.spreading import spread
from handoffs.notices.waking import wake
from handoffs.notices.writing import key, settle_the_past, take_back, write, write_own, write_trial

__all__ = [
    "Delivered",
    "Standing",
    "choose",
    "deliver",
    "key",
    "mark_all_read",
    "mark_read",
    "of_member",
    "set_room",
    "settle_the_past",
    "spread",
    "standings",
    "take_back",
    "stop_room",
    "try_again",
    "unread",
    "wake",
    "write",
    "write_own",
    "write_trial",
]
