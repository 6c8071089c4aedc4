"""The `callmonitor` command line."""
