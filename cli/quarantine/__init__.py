"""`callmonitor quarantine`: lines of a box that are none of the call monitor's, to look at and to drop.

They cannot be given back as dead letters can. What a line means depends on those around it: told a day late, a ring
would begin a call that nobody ends, and where only some lines of a call were malformed, the call was told already, from
its first readable line on. So `list` says which lines this version would understand, and the box's own call list has
the calls.
"""
