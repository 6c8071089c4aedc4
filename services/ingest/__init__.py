"""Reads the call monitor of one or more FRITZ!Boxes and writes the life of every call into the event log.

Bytes from `box_reader` become lines in `framing`, messages in `wire`, call events in `call_life`, and go into the log
through `publisher`.
"""
