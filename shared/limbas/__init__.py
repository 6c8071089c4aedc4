"""The Limbas client: the project's words on one side, Limbas' classic SOAP interface `runlmb` on the other.

Start reading at `client.py`. What real Limbas servers do, and which recording shows it, stands where it matters.
"""
