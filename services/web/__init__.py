"""The event service and the page: calls, live, to whoever holds a token.

One reader per process follows the event log and keeps the present picture of the calls in memory (`reader`,
`projection`). From there it is fanned out to every browser as server-sent events (`feed`, `event_stream`, `sse`), to
each what it may see (`rights`, `trail`), and what it missed while it was away (`recent`, `replay`).
"""
