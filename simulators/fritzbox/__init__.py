"""A FRITZ!Box: the call monitor, a TCP server that pushes lines about calls to whoever connects, and TR-064.

Who plays what: `office_day` and `scenario` say which calls there are, `timetable` makes the box's messages of them,
`faults` says what goes wrong and when, `player` lets it all happen in time, and `server` has the sockets. `tr064` is
another interface, which has nothing to do with the calls yet.
"""
