"""Reads the call monitor of one or more FRITZ!Boxes and writes the life of every call into the event log.

Bytes from `box_reader` become lines in `framing`. `intake` decides what of them is kept, `spool` keeps it on the disk.
`publisher`, if it has the box's `lease`, makes messages (`wire`) and call events (`call_life`) of it for the event log.
"""
