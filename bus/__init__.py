"""The road: settings, Kafka clients, the embedded broker, stores, sink, outbox and relay, the command line.

Imports `schemas` alone; knows nothing of departments, catalogues or outlets.
"""
