"""The Linux calls that put one kernel into namespaces of its own. Standard library only."""

from __future__ import annotations

import ctypes
import os
import resource

__all__ = [
    "be_traceable",
    "drop_all_rights",
    "enter_namespaces",
    "limit",
    "mount",
    "mount_private_folders",
    "read_only",
]

NEWNS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x00020000, 0x08000000, 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_BIND, MS_REC, MS_PRIVATE, MS_RELATIME = 4096, 16384, 1 << 18, 1 << 21
PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 4, 24, 38, 47, 4
#: The user that a learner's code believes to be.
INNER_ID = 1000

_libc = ctypes.CDLL(None, use_errno=True)


def _call(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def be_traceable(may: bool) -> None:
    """Say whether processes of the same user may look into this one; /proc/self is ours only if so."""
    _call(_libc.prctl(PR_SET_DUMPABLE, int(may), 0, 0, 0), "dumpable")


def enter_namespaces() -> None:
    """Leave the parent's users, processes, mounts, semaphores and network; the next child is process 1."""
    uid, gid = os.getuid(), os.getgid()
    _call(_libc.unshare(NEWUSER | NEWPID | NEWNS | NEWIPC | NEWNET), "unshare")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{INNER_ID} {uid} 1"), ("gid_map", f"{INNER_ID} {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """Call mount(2); raise OSError that names the target."""
    encoded = [None if text is None else text.encode() for text in (source, target, kind, data)]
    _call(_libc.mount(encoded[0], encoded[1], encoded[2], ctypes.c_ulong(flags), encoded[3]), f"mount {target}")


def mount_private_folders(own: str, scratch_mb: int, shared_memory_mb: int) -> None:
    """Give this mount namespace its own /proc, /conn, /box, /tmp and /dev/shm, and cover the siblings' folders.

    Parameters
    ----------
    own : str
        This kernel's folder under /runs; its ``conn`` is bound to /conn.
    scratch_mb, shared_memory_mb : int
        How much /box and /tmp each, and /dev/shm, may hold.
    """
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    mount(f"{own}/conn", "/conn", None, MS_BIND | MS_REC)
    mount(f"{own}/files", "/files", None, MS_BIND | MS_REC)
    for target, size in (("/box", scratch_mb), ("/tmp", scratch_mb), ("/dev/shm", shared_memory_mb), ("/runs", 1)):
        mount("tmpfs", target, "tmpfs", MS_NOSUID | MS_NODEV, f"size={size}m,nr_inodes=20000,mode=0700")
    # No further user namespaces: nothing in here can become root of one and mount again.
    with open("/proc/sys/user/max_user_namespaces", "w") as file:
        file.write("0")


def read_only(target: str) -> None:
    """Make one mount read-only for this namespace, keeping the flags that it came with: they are locked."""
    now = os.statvfs(target).f_flag
    kept = now & (os.ST_NOEXEC | os.ST_NOATIME | os.ST_NODIRATIME)
    if now & os.ST_RELATIME:
        kept |= MS_RELATIME
    mount("none", target, None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | kept)


class _Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _Data(ctypes.Structure):
    _fields_ = [("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32)]


def drop_all_rights() -> None:
    """Give up every capability, for good, and the way to get any back by running a file."""
    _call(_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    for number in range(64):
        if _libc.prctl(PR_SET_DUMPABLE, PR_CAPBSET_DROP, number, 0, 0, 0) != 0:
            break
    _libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    header, data = _Header(0x20080522, 0), (_Data * 2)()
    _call(_libc.capset(ctypes.byref(header), ctypes.byref(data)), "capset")


def limit(memory_mb: int, processes: int, file_mb: int, cpu_seconds: int) -> None:
    """Set this process's resource limits, which its children inherit and cannot raise; -1 leaves one as it is."""
    for name, value in (
        ("RLIMIT_CORE", 0),
        ("RLIMIT_DATA", memory_mb << 20),
        ("RLIMIT_NPROC", processes),
        ("RLIMIT_FSIZE", file_mb << 20),
        ("RLIMIT_NOFILE", 1024),
        ("RLIMIT_CPU", cpu_seconds),
        ("RLIMIT_MEMLOCK", 64 << 10),
        ("RLIMIT_MSGQUEUE", 0),
    ):
        if hasattr(resource, name):
            _, most = resource.getrlimit(getattr(resource, name))
            if value >= 0 and (most == resource.RLIM_INFINITY or value < most):
                resource.setrlimit(getattr(resource, name), (value, value))
