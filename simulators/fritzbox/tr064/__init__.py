"""A FRITZ!Box's TR-064 interface: UPnP's SOAP over HTTP, with digest authentication, as programs use it.

`interface` has the server, `digest` the logins and `soap` the messages; `services` says what the box offers, and
`phonebooks` what stands in its phonebooks.
"""
