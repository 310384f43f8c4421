"""Faults of one node's disk and wall clock: compiles shim.c and moves its levers."""
import errno
import mmap
import os
import shutil
import struct
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
FIELDS = ("sync_delay_ms", "wall_offset_ms", "sync_errno", "write_errno", "delayed", "failed", "moved")
EIO, ENOSPC = errno.EIO, errno.ENOSPC


def compile_shim(folder: str) -> str:
    """The library's path; empty: there is no C compiler, or it refused."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    library = os.path.join(folder, "shim.so")
    if not compiler:
        return ""
    ran = subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library,
                          os.path.join(HERE, "shim.c"), "-ldl"], capture_output=True, check=False)
    return library if ran.returncode == 0 else ""


class Levers:
    """One node's; set from here, obeyed over there at once."""

    def __init__(self, library: str, control: str):
        self.library, self.control = library, control
        size = 8 * len(FIELDS)
        with open(control, "wb") as file:
            file.write(bytes(size))
        with open(control, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), size)

    def environment(self) -> dict[str, str]:
        return {"LD_PRELOAD": self.library, "VIGIE_CHAOS_CONTROL": self.control}

    def set(self, field: str, value: int) -> None:
        struct.pack_into("q", self.map, 8 * FIELDS.index(field), value)

    def get(self, field: str) -> int:
        return struct.unpack_from("q", self.map, 8 * FIELDS.index(field))[0]

    def heal(self) -> None:
        for field in FIELDS[:4]:
            self.set(field, 0)
