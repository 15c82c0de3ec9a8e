"""Writes an image's file system to standard output, as a tar archive: this
Python, FastAPI under uvicorn as the system's packages brought them, and app.py.

    /usr/bin/python3 pack.py APP | docker import - NAME
"""

import os
import re
import subprocess
import sys
import sysconfig
import tarfile

import fastapi  # noqa: F401
import uvicorn  # noqa: F401
import uvicorn.lifespan.on  # noqa: F401
import uvicorn.loops.asyncio  # noqa: F401
import uvicorn.protocols.http.h11_impl  # noqa: F401

LEFT_OUT = re.compile("test|idlelib|tkinter|ensurepip|lib2to3|pydoc_data|config-|dist-packages|site-packages")


def packages():
    """Files and folders of the imported modules that are not Python's own."""
    found = set()
    for name in {module.partition(".")[0] for module in list(sys.modules)}:
        path = getattr(sys.modules.get(name), "__file__", None)
        if path and "-packages" in path:
            found.add(os.path.dirname(path) if os.path.basename(path) == "__init__.py" else path)
    return sorted(found)


def libraries(paths):
    """Shared libraries of the executable and of every extension, by ldd."""
    printed = subprocess.run(["ldd", *paths], capture_output=True, text=True, check=False).stdout
    return sorted(set(re.findall(r"(/\S+\.so\S*) \(0x", printed)))


def extensions(folders):
    for folder in folders:
        for base, _, names in os.walk(folder):
            yield from (os.path.join(base, n) for n in names if n.endswith(".so"))


def main(app):
    stdlib = sysconfig.get_path("stdlib")
    executable = os.path.realpath(sys.executable)
    ours = packages()
    shared = libraries([executable, *extensions([stdlib, *ours])])
    with tarfile.open(fileobj=sys.stdout.buffer, mode="w|", dereference=True) as archive:
        for path in os.listdir(stdlib):
            if not LEFT_OUT.match(path):
                archive.add(os.path.join(stdlib, path))
        for path in [*ours, *shared]:
            archive.add(path)
        archive.add(executable, arcname="usr/bin/python3")
        archive.add(app, arcname="app/app.py")


main(sys.argv[1])
