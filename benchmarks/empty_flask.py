"""The least that answers on Flask, run by the peers' gunicorn: what a web service costs to start, whatever it does."""

from __future__ import annotations

from flask import Flask

app = Flask(__name__)


@app.get("/readyz")
def readyz() -> str:
    """Say yes."""
    return "ready"
