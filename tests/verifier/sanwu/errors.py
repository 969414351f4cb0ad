"""The one exception type: an `E-...` code of FORMAT.md with an optional hint for humans."""

# Codes that mean "cannot tell"; never reported as a mismatch.
UNDECIDED = frozenset((
    "E-KIND", "E-PAYLOAD-TYPE", "E-SUITE", "E-TRUST-MISSING", "E-NOT-REACHED",
    "E-CONTENT-ABSENT", "E-OLDER", "E-STALE", "E-WITNESS-QUORUM"))


class Refused(Exception):
    def __init__(self, code, hint=""):
        super().__init__(code + (": " + hint if hint else ""))
        self.code = code
        self.hint = hint


def need(condition, code, hint=""):
    if not condition:
        raise Refused(code, hint)
