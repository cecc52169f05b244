"""Ties a child process to the life of its parent."""

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000


def die_with_parent(sig: signal.Signals = signal.SIGKILL) -> None:
    """Have the kernel send `sig` to this process when its parent ends, however it ends.

    Linux only; elsewhere it does nothing. The setting belongs to the thread that forked and is cleared by a change of
    user, so it must be called last, in a child of the parent's main thread.
    """
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(sig), 0, 0, 0)


def become(uid: int) -> None:
    """Give up root for `uid` in this process, for good."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def enter_user_namespace(appear_as: int) -> None:
    """Appear to be the user `appear_as` while keeping one's files. Raises OSError where the system forbids it."""
    uid, gid = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are not allowed here")
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{appear_as} {uid} 1"),
        ("gid_map", f"{appear_as} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def works_in_child(attempt: Callable[[], bool]) -> bool:
    """Run `attempt` in a forked child, so that what it gives up is given up there only."""
    pid = os.fork()
    if pid == 0:
        code = 1
        with contextlib.suppress(BaseException):
            code = 0 if attempt() else 1
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
