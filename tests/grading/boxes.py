"""Folders that hostile code may have filled: how much is in one, and how to be rid of it."""

import os
import shutil
import subprocess

_HARD = (["chmod", "-R", "u+rwX", "--"], ["rm", "-rf", "--"])  # they follow no links, at any depth


def too_big(box, max_files, max_bytes):
    """Whether the files under `box` are too many or too large. Links are not followed.

    A folder that cannot be listed, or a file that cannot be asked for its size, counts as too
    large: nobody knows what is in there.
    """
    folders, count, size = [os.fsencode(box)], 0, 0
    try:
        while folders:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    count += 1
                    size += _bytes_of(entry)
                    if count > max_files or size > max_bytes:
                        return True
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
    except FileNotFoundError:  # gone since it was listed; the next look counts again
        return False
    except OSError:
        return True
    return False


def _bytes_of(entry):
    status = entry.stat(follow_symlinks=False)
    return status.st_blocks * 512 if hasattr(status, "st_blocks") else status.st_size


def remove(folder):
    """Remove a folder whatever its modes, names and depth. Whether it is gone."""
    if not os.path.lexists(folder):
        return True
    try:
        shutil.rmtree(folder)
    except (OSError, RecursionError):
        for command in _HARD if os.name == "posix" else ():
            subprocess.run([*command, folder], check=False, capture_output=True)
    return not os.path.lexists(folder)
