"""`callmonitor doctor`: looks at everything that the services need, and says what is wrong and what to do about it.

Start reading at `command.py`. One module per thing checked; each asks the world and gives `finding`s, in the order in
which a person would go through them. What they say is in `cli/texts/doctor.*.toml`.
"""
