"""Writes an image's file system to standard output, as a tar archive: this
Python, the packages that some modules need, and files beside them.

    /usr/bin/python3 pack.py [--path FOLDER] [--file NAME=PATH]... MODULE... | docker import - NAME

Packages come from where this Python finds them, or else from FOLDER alone, as
`pip install --target` makes it.
"""

import argparse
import importlib
import os
import re
import subprocess
import sys
import sysconfig
import tarfile

LEFT_OUT = re.compile("test|idlelib|tkinter|ensurepip|lib2to3|pydoc_data|config-|dist-packages|site-packages")
INSIDE = "usr/lib/python3/dist-packages"


def packages(roots):
    """Files and folders of the loaded modules, with their paths in the image."""
    found = {}
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None) or ""
        for root in roots:
            if path.startswith(root + "/"):
                top = path[len(root) + 1 :].partition("/")[0]
                found[os.path.join(root, top)] = os.path.join(INSIDE, top)
                break
    return found


def libraries(paths):
    """Shared libraries of the executable and of every extension, by ldd."""
    printed = subprocess.run(["ldd", *paths], capture_output=True, text=True, check=False).stdout
    return sorted(set(re.findall(r"(/\S+\.so\S*) \(0x", printed)))


def extensions(folders):
    for folder in folders:
        for base, _, names in os.walk(folder):
            yield from (os.path.join(base, n) for n in names if n.endswith(".so"))


def inside(path, roots):
    """Where a library goes: those that a package brings stay beside it."""
    for root in roots:
        if path.startswith(root + "/"):
            return INSIDE + path[len(root) :]
    return path


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--path")
    arguments.add_argument("--file", action="append", default=[])
    arguments.add_argument("modules", nargs="+")
    asked = arguments.parse_args()
    if asked.path and not sys.flags.no_site:
        os.execv(sys.executable, [sys.executable, "-S", *sys.argv])
    if asked.path:
        sys.path.append(asked.path)
    for name in asked.modules:
        importlib.import_module(name)
    roots = [path for path in sys.path if path.endswith("-packages") or path == asked.path]
    stdlib = sysconfig.get_path("stdlib")
    executable = os.path.realpath(sys.executable)
    ours = packages(roots)
    shared = libraries([executable, *extensions([stdlib, *ours])])
    with tarfile.open(fileobj=sys.stdout.buffer, mode="w|", dereference=True) as archive:
        for path in os.listdir(stdlib):
            if not LEFT_OUT.match(path):
                archive.add(os.path.join(stdlib, path))
        for path, name in ours.items():
            archive.add(path, arcname=name)
        for path in shared:
            archive.add(path, arcname=inside(path, roots))
        archive.add(executable, arcname="usr/bin/python3")
        for pair in asked.file:
            name, _, path = pair.partition("=")
            archive.add(name, arcname=path)


main()
