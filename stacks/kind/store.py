"""Clone a containerd store for one cluster, and remove the clone.

A store holds about 100,000 files. Hard links clone it in two seconds, a copy would take a minute; only
the bolt databases, which containerd writes in place, are copied for real. Layers are never written to:
containers write to snapshots of their own.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from bootstrap import shell
from stacks.kind import container

# Hard links need one file system; across two a copy is slow but right. Each attempt has a name of its own:
# what a killed `idp` has started may still be copying.
_CLONE = """
new="$2.$$"
file=$(find "$1" -type f | head -n 1)
if ln "$file" "$new" 2>/dev/null; then rm "$new"; how=-al; else how="-a --reflink=auto"; fi
cp $how "$1" "$new"
find "$new" -name '*.db' -type f | while read -r db; do cp -a "$db" "$db.own"; mv -f "$db.own" "$db"; done
mv -T "$new" "$2"
"""

# Whoever still writes there gives up as soon as a folder is gone.
_REMOVE = """
for _ in $(seq 60); do rm -rf "$1" "$1".* 2>/dev/null && exit; sleep 0.5; done
rm -rf "$1" "$1".*
"""


def clone(store: Path, target: Path, image: str) -> None:
    """Make `target` a clone of `store`, replacing what was there.

    The files belong to root: a user who is not root has the engine do it, in a container of `image`.
    """
    remove(target, image)
    target.parent.mkdir(parents=True, exist_ok=True)
    _as_root(_CLONE, store, target, image=image)


def remove(target: Path, image: str) -> None:
    """Remove a clone, finished or not; nothing happens where there is none."""
    if any(target.parent.glob(f"{target.name}*")):
        _as_root(_REMOVE, target, image=image)


def _as_root(script: str, *places: Path, image: str) -> None:
    arguments = [str(place.absolute()) for place in places]
    if _is_root():
        shell.run(["sh", "-euc", script, "sh", *arguments])
    else:
        # One mount: links cannot cross mounts, not even two of the same file system.
        common = Path(os.path.commonpath([str(Path(a).parent) for a in arguments]))
        container.run_as_root(image, common, script, arguments)


def _is_root() -> bool:
    """May this process own root's files itself, with the tools that do it (GNU cp)?"""
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("cp") is not None
