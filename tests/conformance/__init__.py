"""Whether a server keeps to docs/events.md. Speaks plain HTTP, and imports nothing of the server's.

It starts a server of its own, unless the environment names one:

    CONFORMANCE_URL         where it is, `https://callmonitor.example`
    CONFORMANCE_SECRET      its WEB_SECRET
    CONFORMANCE_REDIS_URL   the Redis with its event log, into which the tests write calls of their own
    CONFORMANCE_STREAM      the name of the log, if it is not `callmonitor:events`
"""
