"""Canonical JSON (FORMAT.md, "Canonical JSON"): lexical parser, writer, and table-driven schemas.

parse()  : bytes -> Python value, syntactic codes in reading order.
write()  : Python value -> canonical text (members in dict order).
Schemas  : objects with .check(value) -> rebuilt value with the members in table order.
typed()  : parse + schema + (optionally) the comparison for E-JSON-CANONICAL.
"""
import base64
import re
from .errors import Refused, need

MAX_INT = 2 ** 53 - 1
MAX_DEPTH = 8
_FORBIDDEN = set(range(0x20)) | set(range(0x7F, 0xA0)) | {0x61C, 0x200E, 0x200F} \
    | set(range(0x202A, 0x202F)) | set(range(0x2066, 0x206A))
_WS = b" \t\r\n"
_ESC = {0x22: '"', 0x5C: "\\", 0x2F: "/", 0x62: "\b", 0x66: "\f", 0x6E: "\n", 0x72: "\r", 0x74: "\t"}
_DIGITS = b"0123456789"
# A run of plain ASCII string bytes (fast path).
_PLAIN = re.compile(rb'[\x20\x21\x23-\x5b\x5d-\x7e]*')
_NUM = re.compile(rb'-?[0-9]*')


class _Parser:
    """Over bytes that are known to be UTF-8."""
    def __init__(self, data):
        self.b = data
        self.i = 0
        self.n = len(data)

    def fail_syntax(self):
        raise Refused("E-JSON-SYNTAX", f"at byte {self.i}")

    def ws(self):
        while self.i < self.n and self.b[self.i] in _WS:
            self.i += 1

    def utf8_char(self):
        """Decode one non-ASCII character at self.i; returns (character, length)."""
        c = self.b[self.i]
        size = 2 if c < 0xE0 else 3 if c < 0xF0 else 4
        return self.b[self.i:self.i + size].decode("utf-8"), size

    def document(self):
        self.ws()
        v = self.value(0)
        self.ws()
        if self.i != self.n:
            self.fail_syntax()
        return v

    def value(self, depth):
        if self.i >= self.n:
            self.fail_syntax()
        c = self.b[self.i]
        if c == 0x22:
            return self.string()
        if c == 0x7B or c == 0x5B:
            need(depth < MAX_DEPTH, "E-JSON-DEPTH")
            self.i += 1
            return self.object(depth + 1) if c == 0x7B else self.array(depth + 1)
        if c == 0x2D or c in _DIGITS:
            return self.number()
        for word, val in ((b"true", True), (b"false", False)):
            if self.b.startswith(word, self.i):
                self.i += len(word)
                return val
        if self.b.startswith(b"null", self.i):
            raise Refused("E-JSON-TYPE", "null")
        self.fail_syntax()

    def number(self):
        m = _NUM.match(self.b, self.i)
        t = m.group().decode()
        self.i = m.end()
        digits = t.lstrip("-")
        need(digits != "" and t != "-0" and (digits == "0" or digits[0] != "0"), "E-JSON-NUMBER", t)
        if self.i < self.n and self.b[self.i] in b".eE":
            raise Refused("E-JSON-NUMBER", "fraction or exponent")
        need(len(digits) <= 16 and int(digits) <= MAX_INT, "E-JSON-NUMBER", "too large")
        return int(t)

    def hex4(self):
        h = self.b[self.i:self.i + 4]
        if len(h) < 4 or not all(x in b"0123456789abcdefABCDEF" for x in h):
            self.fail_syntax()
        self.i += 4
        return int(h, 16)

    def string(self):
        self.i += 1
        out = []
        while True:
            m = _PLAIN.match(self.b, self.i)
            if m.end() > self.i:
                out.append(m.group().decode("ascii"))
                self.i = m.end()
            if self.i >= self.n:
                self.fail_syntax()
            c = self.b[self.i]
            if c == 0x22:
                self.i += 1
                return "".join(out)
            if c == 0x5C:
                self.i += 1
                if self.i >= self.n:
                    self.fail_syntax()
                e = self.b[self.i]
                if e in _ESC:
                    self.i += 1
                    ch = _ESC[e]
                elif e == 0x75:
                    self.i += 1
                    ch = self.unicode_escape()
                else:
                    self.fail_syntax()
            elif c < 0x80:
                ch = chr(c)         # U+0000-001F or U+007F, refused below
                self.i += 1
            else:
                ch, size = self.utf8_char()
                self.i += size
            need(ord(ch) not in _FORBIDDEN, "E-JSON-STRING", f"U+{ord(ch):04X}")
            out.append(ch)

    def unicode_escape(self):
        u = self.hex4()
        if 0xD800 <= u <= 0xDBFF and self.b[self.i:self.i + 2] == b"\\u":
            save = self.i
            self.i += 2
            low = self.hex4()
            if 0xDC00 <= low <= 0xDFFF:
                return chr(0x10000 + ((u - 0xD800) << 10) + (low - 0xDC00))
            self.i = save
        need(not 0xD800 <= u <= 0xDFFF, "E-JSON-STRING", "lone surrogate")
        return chr(u)

    def array(self, depth):
        out = []
        self.ws()
        if self.i < self.n and self.b[self.i] == 0x5D:
            self.i += 1
            return out
        while True:
            self.ws()
            out.append(self.value(depth))
            self.ws()
            if self.i >= self.n:
                self.fail_syntax()
            c = self.b[self.i]
            if c == 0x2C:
                self.i += 1
            elif c == 0x5D:
                self.i += 1
                return out
            else:
                self.fail_syntax()

    def object(self, depth):
        out = {}
        double = None
        self.ws()
        if self.i < self.n and self.b[self.i] == 0x7D:
            self.i += 1
            return out
        while True:
            self.ws()
            if self.i >= self.n or self.b[self.i] != 0x22:
                self.fail_syntax()
            name = self.string()
            self.ws()
            if self.i >= self.n or self.b[self.i] != 0x3A:
                self.fail_syntax()
            self.i += 1
            self.ws()
            v = self.value(depth)
            if name in out and double is None:
                double = name
            out[name] = v
            self.ws()
            if self.i >= self.n:
                self.fail_syntax()
            c = self.b[self.i]
            if c == 0x2C:
                self.i += 1
            elif c == 0x7D:
                self.i += 1
                need(double is None, "E-JSON-DUPLICATE", double)
                return out
            else:
                self.fail_syntax()


def parse(data):
    data = bytes(data)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as e:
        raise Refused("E-JSON-STRING", f"invalid UTF-8 at byte {e.start}") from None
    return _Parser(data).document()


def _quote(s):
    return '"' + s.replace("\\", "\\\\").replace('"', '\\"') + '"'


def write(v):
    """Canonical text of a value; dict order is member order."""
    if v is True:
        return "true"
    if v is False:
        return "false"
    if isinstance(v, int):
        return str(v)
    if isinstance(v, str):
        return _quote(v)
    if isinstance(v, list):
        return "[" + ",".join(map(write, v)) + "]"
    return "{" + ",".join(_quote(k) + ":" + write(x) for k, x in v.items()) + "}"


def encode(v):
    return write(v).encode("utf-8")


def canonical(data):
    """Untyped: any value, members in any order but otherwise canonical."""
    v = parse(data)
    need(encode(v) == bytes(data), "E-JSON-CANONICAL")
    return v


def typed(data, schema, strict=True):
    v = schema.check(parse(data))
    need(not strict or encode(v) == bytes(data), "E-JSON-CANONICAL")
    return v


# ---------------------------------------------------------------- base64

def b64(text, code="E-BASE64"):
    """Strict base64 of the Log side; returns the bytes."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
        ok = base64.b64encode(raw).decode() == text
    except (ValueError, UnicodeError):
        ok = False
    need(ok, code, "base64")
    return raw


def b64e(raw):
    return base64.b64encode(raw).decode()


# ---------------------------------------------------------------- schemas

class Text:
    """A string, optionally constrained by a regular expression, a set of words or a predicate."""
    def __init__(self, pattern=None, words=None, test=None, code="E-JSON-VALUE"):
        self.pattern = re.compile(pattern) if pattern else None
        self.words = frozenset(words) if words is not None else None
        self.test, self.code = test, code

    def check(self, v):
        need(isinstance(v, str), "E-JSON-TYPE", "string wanted")
        ok = (self.pattern is None or self.pattern.fullmatch(v)) \
            and (self.words is None or v in self.words) and (self.test is None or self.test(v))
        need(ok, self.code, v[:60])
        return v


class Int:
    def __init__(self, unsigned=False):
        self.unsigned = unsigned

    def check(self, v):
        need(isinstance(v, int) and not isinstance(v, bool), "E-JSON-TYPE", "integer wanted")
        need(not (self.unsigned and v < 0), "E-JSON-NUMBER", "negative")
        return v


class Bool:
    def check(self, v):
        need(isinstance(v, bool), "E-JSON-TYPE", "true or false wanted")
        return v


class Any:
    """Any value: it is read later, by a table of its own."""
    def check(self, v):
        return v


class List:
    """[T]"""
    def __init__(self, item):
        self.item = item

    def check(self, v):
        need(isinstance(v, list), "E-JSON-TYPE", "array wanted")
        return [self.item.check(x) for x in v]


def ascending(values, low=0, high=None):
    """The rule on number and order of an array, checked once all of it has been read: sorted, each once."""
    need(low <= len(values) and (high is None or len(values) <= high), "E-JSON-VALUE", "number of elements")
    need(all(a < b for a, b in zip(values, values[1:])), "E-JSON-VALUE", "order")


class Obj:
    """An object by a table: (name, schema) pairs in order; a name ending in `?` is optional."""
    def __init__(self, *members):
        self.members = [(m.rstrip("?"), m.endswith("?"), s) for m, s in members]
        self.names = {m for m, _, _ in self.members}

    def check(self, v):
        need(isinstance(v, dict), "E-JSON-TYPE", "object wanted")
        for k in v:
            need(k in self.names, "E-JSON-UNKNOWN", k)
        out = {}
        for name, optional, schema in self.members:
            if name not in v:
                need(optional, "E-JSON-MISSING", name)
                continue
            out[name] = schema.check(v[name])
        return out


class Base64:
    """`bytes`: stays a string in the value, only its form is checked."""
    def check(self, v):
        need(isinstance(v, str), "E-JSON-TYPE", "string wanted")
        b64(v)
        return v
