"""Who listens on a port of this machine."""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path

from operations.local import processes

LISTENING = "0A"  # the state's number in /proc/net/tcp


def is_taken(port: int) -> bool:
    """Whether something listens on this port of 127.0.0.1, or keeps others from doing so."""
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            return True
    with socket.socket() as probe:
        # As servers do: a connection that was just closed does not keep the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def owner(port: int) -> processes.Process | None:
    """The process that listens there, if this user may know."""
    inodes = _listening_inodes(port)
    if inodes:
        return next((process for process in processes.every() if inodes & _socket_inodes(process.pid)), None)
    return _owner_by_lsof(port)


def _listening_inodes(port: int) -> set[str]:
    inodes = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        if table.exists():
            rows = [line.split() for line in table.read_text().splitlines()[1:]]
            inodes |= {row[9] for row in rows if row[3] == LISTENING and int(row[1].rpartition(":")[2], 16) == port}
    return inodes


def _socket_inodes(pid: int) -> set[str]:
    try:
        targets = [_target(entry) for entry in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return set()  # another user's process
    return {target[len("socket:[") : -1] for target in targets if target.startswith("socket:[")}


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""  # closed while we looked


def _owner_by_lsof(port: int) -> processes.Process | None:
    if not shutil.which("lsof"):
        return None
    command = ["lsof", "-nP", "-t", f"-iTCP:{port}", "-sTCP:LISTEN"]
    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
    return processes.find(int(found[0])) if found else None
