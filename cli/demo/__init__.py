"""The demo that `scripts/demo` starts."""
