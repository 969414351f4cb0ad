"""Independent verifier of the Sanwu ledger, written from FORMAT.md alone (Python 3.11, standard library)."""
