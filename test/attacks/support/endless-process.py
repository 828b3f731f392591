"""Has the kernel show gigabytes of this process's memory as its command line and as its environment."""

import ctypes
import struct
import sys
import time

PR_SET_MM, PR_SET_MM_MAP = 35, 14
PRIVATE_ANONYMOUS_NORESERVE = 0x4022
SIZE = 1 << 30

libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
start = libc.mmap(None, SIZE, 3, PRIVATE_ANONYMOUS_NORESERVE, -1, 0)
ctypes.memmove(start, b"openclaw-gateway\0", 17)

with open("/proc/self/stat") as stat:
    fields = stat.read().rpartition(")")[2].split()
# proc(5) counts from 1, and these begin with the third.
code_start, code_end, stack, data_start, data_end, brk = (int(fields[n - 3]) for n in (26, 27, 28, 45, 46, 47))
places = [code_start, code_end, data_start, data_end, brk, brk + 4096, stack] + [start, start + SIZE] * 2
request = struct.pack("11QQIi", *places, 0, 0, -1)
print(libc.prctl(PR_SET_MM, PR_SET_MM_MAP, ctypes.c_char_p(request), len(request), 0), flush=True)
time.sleep(600)
