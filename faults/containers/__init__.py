"""The same run over containers: `scripts/faults --containers` (docs/reliability.md). Needs a Docker engine."""
