"""A FRITZ!Box's call monitor: a TCP server that pushes lines about calls to whoever connects.

Who plays what: `office_day` and `scenario` say which calls there are, `timetable` makes the box's messages of them,
`faults` says what goes wrong and when, `player` lets it all happen in time, and `server` has the sockets.
"""
