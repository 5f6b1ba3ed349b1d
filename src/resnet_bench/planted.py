"""What somebody else has put into a folder where all can: a link, or a folder, in the place of one of this user's.

Linux follows no such link (``fs.protected_symlinks``), if it is asked to: a path that is resolved first, and written to
then, goes round that.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

_ROOT = 0


def is_planted(path: Path) -> bool:
    """Whether ``path``, itself and not what it leads to, may be another user's trap.

    Everybody may make files in its folder, and it was neither this user, nor root, nor the folder's owner.

    Raises:
        OSError: there is no such path, or it cannot be looked at.
    """
    found, folder = path.lstat(), path.parent.stat()
    return bool(folder.st_mode & stat.S_IWOTH) and found.st_uid not in {os.geteuid(), _ROOT, folder.st_uid}


def refuse_planted_link(path: Path) -> None:
    """
    Raises:
        PermissionError: ``path`` is a link that may be another user's trap.
    """
    if path.is_symlink() and is_planted(path):
        raise PermissionError(errno.EACCES, "it is a link that another user has put there")
