"""Figures for Prometheus, on a listener of their own. Off unless `metrics.listen` is set.

tally (counts of this process) ──┐
store (what stands in it)  ──────┼──▶ Exposition ──▶ /metrics
the process, its services  ──────┘    (the one door of prometheus_client)
"""
