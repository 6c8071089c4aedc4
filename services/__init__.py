"""One package per process; none imports another one."""
