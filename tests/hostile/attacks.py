# SPDX-License-Identifier: Apache-2.0
"""What hostile peers send, and what they get: the tables of `run`.

An Attack is an opening and a unit that is sent over and over, each with STREAM as the id of a new stream. `answer` is a
pattern of the GOAWAY's debug text that must end every connection of a flood that takes more than its share of the server;
None: it is only held to its share of memory and of the good client's patience. `counter` (rpc/limits.h; patterns) must have
moved. A slow peer is let go, or answered, within a minute.
"""
import base64
import dataclasses
import gzip
import random
import struct

DATA, HEADERS, PRIORITY, RST, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = range(10)
ALTSVC, ORIGIN, PRIORITY_UPDATE = 10, 12, 16
END_STREAM = ACK = 1
END_HEADERS, PADDED = 4, 8
INITIAL_WINDOW_SIZE = 4
STREAM = 0x7FABCDEF  # hostile_peer.c puts the next stream's id
MESSAGE_LIMIT = 4 << 20


def frame(kind, flags, stream, body=b""):
    return struct.pack(">I", len(body))[1:] + bytes((kind, flags)) + struct.pack(">I", stream) + body


def u32(value):
    return struct.pack(">I", value)


def integer(prefix_bits, first, n):
    """HPACK's (RFC 7541 5.1)."""
    top = (1 << prefix_bits) - 1
    if n < top:
        return bytes((first | n,))
    out, n = bytes((first | top,)), n - top
    while n > 127:
        out, n = out + bytes((n & 127 | 128,)), n >> 7
    return out + bytes((n,))


def field(name, value, first=0x00):
    """Literal without indexing; first = 0x40 puts it into the dynamic table."""
    name, value = name.encode(), value.encode()
    return bytes((first,)) + integer(7, 0, len(name)) + name + integer(7, 0, len(value)) + value


def request(path, *more, content_type="application/grpc"):
    return (field(":method", "POST") + field(":scheme", "http") + field(":path", path) + field(":authority", "localhost") +
            field("content-type", content_type) + field("te", "trailers") +
            field("authorization", "Bearer token-of-clerk") + b"".join(more))


def message(data, compressed=0):
    return struct.pack(">BI", compressed, len(data)) + data


def data_frames(body, stream=STREAM):
    """A whole request body."""
    pieces = [body[i:i + 16384] for i in range(0, len(body), 16384)] or [b""]
    return b"".join(frame(DATA, END_STREAM * (piece is pieces[-1]), stream, piece) for piece in pieces)


def call(path, body, *more, **options):
    return frame(HEADERS, END_HEADERS, STREAM, request(path, *more, **options)) + data_frames(body)


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HELLO = PREFACE + frame(SETTINGS, 0, 0) + frame(SETTINGS, ACK, 0)
NO_WINDOW = HELLO + frame(SETTINGS, 0, 0, struct.pack(">HI", INITIAL_WINDOW_SIZE, 0))
NOTES = "/minzheng.notes.v1.NotesService/"
GET, CREATE, IMPORT = NOTES + "GetNote", NOTES + "CreateNote", NOTES + "ImportNotes"
REFLECTION = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
NOTE_ID = "018f3a1e-7c2b-7d40-9a51-2f6c1b0e8d3a"
SYMBOL = b"minzheng.notes.v1.NotesService"
ONE_SYMBOL = message(b"\x22" + bytes((len(SYMBOL),)) + SYMBOL)  # ServerReflectionRequest{file_containing_symbol}
ONE_NOTE = message(b"\x0a\x24" + NOTE_ID.encode())  # GetNoteRequest{id}
HEAD = frame(HEADERS, END_HEADERS, STREAM, request(GET))
FIRST_HEAD = frame(HEADERS, END_HEADERS, 1, request(GET))
ANSWERED = HEAD + data_frames(ONE_NOTE)


@dataclasses.dataclass
class Attack:
    name: str
    unit: bytes
    answer: str | None = None
    counter: str | None = None
    opening: bytes = HELLO
    options: tuple = ()


# Streams that are opened faster than we read how many may be are stopped by nghttp2, slower ones by our buckets.
RESET, IDLE = "reset_burst|max concurrent streams", "idle_frames_rate"
RESETS = "reset_floods|protocol_errors"
BOMB = field("x-bomb", "b" * 3900, 0x40)
INDEXED_BOMB = b"\xbe"
EMPTY_LABEL, UNKNOWN_FIELD = b"\x42\0", b"\xfa\x07\0"  # of CreateNoteRequest
NOISE = random.Random(1).randbytes(MESSAGE_LIMIT // 180)
WIDE = MESSAGE_LIMIT - 2 * len(NOISE)


def bomb(data, noise=b""):
    """Noise, as an unknown field, keeps below max_inflate_ratio."""
    data += b"\xfa\x07" + integer(7, 0, len(noise)) + noise if noise else b""
    return call(CREATE, message(gzip.compress(data), 1), field("grpc-encoding", "gzip"))


FLOODS = [
    # CVE-2023-44487
    Attack("rapid reset", HEAD + frame(RST, 0, STREAM, u32(8)), RESET, RESETS),
    Attack("rapid reset of running calls", ANSWERED + frame(RST, 0, STREAM, u32(8)), RESET, RESETS),
    # CVE-2025-8671, in every way there is to be made to reset
    Attack("made you reset: window of 0", HEAD + frame(WINDOW, 0, STREAM, u32(0)), "", "protocol_errors"),
    Attack("made you reset: window overflow", HEAD + frame(WINDOW, 0, STREAM, u32(0x7FFFFFFF)), RESET, RESETS),
    Attack("made you reset: priority of itself", HEAD + frame(PRIORITY, 0, STREAM, u32(STREAM) + b"\1"), "", "protocol_errors"),
    Attack("made you reset: data after the end", ANSWERED + frame(DATA, 0, STREAM, b"x"), "", "protocol_errors"),
    Attack("made you reset: headers after the end", ANSWERED + frame(HEADERS, END_HEADERS, STREAM, field("a", "b")), "",
           "protocol_errors"),
    Attack("made you reset: content-length", call(GET, ONE_NOTE, field("content-length", "1")), RESET, RESETS),
    # CVE-2024-28182
    Attack("CONTINUATION", frame(CONTINUATION, 0, 1, field("x", "y")), "CONTINUATION", "protocol_errors",
           HELLO + frame(HEADERS, 0, 1, request(GET))),
    # CVE-2019-9512, 9515, 9518, 9513, 9511, 9516
    Attack("PING", frame(PING, 0, 0, b"12345678"), "too_many_pings", "ping_floods"),
    Attack("SETTINGS", frame(SETTINGS, 0, 0), IDLE, "idle_frame_floods"),
    Attack("SETTINGS ACK", frame(SETTINGS, ACK, 0), "", "protocol_errors"),
    Attack("empty DATA", frame(DATA, 0, 1), IDLE, "idle_frame_floods", HELLO + FIRST_HEAD),
    Attack("padding", frame(DATA, PADDED, 1, b"\xff" + bytes(255)), IDLE, "idle_frame_floods", HELLO + FIRST_HEAD),
    Attack("PRIORITY", frame(PRIORITY, 0, STREAM, u32(0) + b"\1"), IDLE, "idle_frame_floods"),
    Attack("WINDOW_UPDATE", frame(WINDOW, 0, 1, u32(1)), IDLE, "idle_frame_floods", HELLO + FIRST_HEAD),
    Attack("unknown frames", frame(0x7F, 0, 0), IDLE, "idle_frame_floods"),
    Attack("empty header names", frame(HEADERS, END_HEADERS, STREAM, request(GET) + field("", "") * 50), RESET, RESETS),
    # Window by window: a reply leaves in frames of one byte
    Attack("dribbled windows", HEAD + data_frames(ONE_NOTE) + frame(WINDOW, 0, STREAM, u32(1)) * 40, IDLE, "idle_frame_floods",
           NO_WINDOW),
    # Header blocks
    Attack("HPACK bomb", frame(HEADERS, END_HEADERS | END_STREAM, STREAM, request(GET, BOMB, INDEXED_BOMB * 8000)),
           "max_header_bytes", "headers_refused"),
    Attack("huge header list", frame(HEADERS, END_HEADERS | END_STREAM, STREAM,
                                     request(GET, *[field(f"x-{i}", "v" * 60) for i in range(150)])), RESET, "headers_refused"),
    Attack("many -bin fields", frame(HEADERS, END_HEADERS | END_STREAM, STREAM, request(GET, *[field("a-bin", "AAAA")] * 150)),
           RESET, "headers_refused"),
    Attack("connections", b"", None, "connections_refused", options=("-n", "1500")),
    # Messages
    Attack("length of 4 GiB", frame(HEADERS, END_HEADERS, STREAM, request(GET)) +
           frame(DATA, END_STREAM, STREAM, b"\0\xff\xff\xff\xff" + b"x" * 100), None, "message_too_large"),
    Attack("length of 4 MiB and one byte", HEAD + frame(DATA, 0, STREAM, message(bytes(MESSAGE_LIMIT))[:6]), RESET, RESETS),
    Attack("gzip bomb", bomb(bytes(8 * MESSAGE_LIMIT)), RESET, "message_too_large"),
    Attack("wide gzip bomb", bomb(EMPTY_LABEL * (MESSAGE_LIMIT // len(EMPTY_LABEL))), RESET, "message_too_large"),
    Attack("wide message", bomb(EMPTY_LABEL * (WIDE // len(EMPTY_LABEL)), NOISE), RESET, "memory_refused"),
    Attack("wide messages that fit", bomb(EMPTY_LABEL * (MESSAGE_LIMIT // 16)), None, "memory_refused"),
    Attack("unknown fields", bomb(UNKNOWN_FIELD * (WIDE // len(UNKNOWN_FIELD)), NOISE), RESET, "memory_refused"),
    Attack("wide JSON", call(CREATE, gzip.compress(b'{"labels":[' + b'"",' * (WIDE // 3) + b'"' + base64.b64encode(NOISE) + b'"]}'),
                             field("content-encoding", "gzip"), content_type="application/json"), RESET, "memory_refused"),
    Attack("deep JSON", call(CREATE, b'{"labels":' + b"[" * 16000, content_type="application/json"), None, "message_bad"),
    Attack("number without end", call(CREATE, b'{"division":1e999999999}', content_type="application/json"), None,
           "message_bad"),
    # Streams
    Attack("streams without a message", HEAD, RESET, RESETS),
    Attack("calls", ANSWERED, None, "calls"),
]

# What breaks HTTP/2, or is none: the connection ends at once, and the server goes on.
MALFORMED = [
    Attack("HTTP/1.1", b"GET / HTTP/1.1\r\nhost: x\r\n\r\n", counter="http1_refused", opening=b""),
    Attack("TLS on a clear port", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(300), opening=b""),
    Attack("noise", bytes(range(256)) * 4, opening=b""),
]
BROKEN_FRAMES = {
    "DATA on stream 0": frame(DATA, 0, 0, b"x"),
    "DATA on an idle stream": frame(DATA, 0, 99, b"x"),
    "DATA that is all padding and more": FIRST_HEAD + frame(DATA, PADDED, 1, b"\x05ab"),
    "HEADERS on stream 0": frame(HEADERS, END_HEADERS, 0, request(GET)),
    "HEADERS on an even stream": frame(HEADERS, END_HEADERS, 2, request(GET)),
    "HEADERS of no table": frame(HEADERS, END_HEADERS, 1, b"\xff\xff\xff\xff\xff\xff\xff\x0f"),
    "HEADERS that break off": frame(HEADERS, END_HEADERS, 1, b"\x40\x0a"),
    "another frame inside a header block": frame(HEADERS, 0, 1, request(GET)) + frame(PING, 0, 0, bytes(8)),
    "CONTINUATION of nothing": frame(CONTINUATION, END_HEADERS, 1, request(GET)),
    "PRIORITY of 4 bytes": frame(PRIORITY, 0, 1, bytes(4)) + frame(PRIORITY, 0, 0, bytes(5)),
    "RST_STREAM of an idle stream": frame(RST, 0, 99, u32(8)),
    "RST_STREAM of 3 bytes": FIRST_HEAD + frame(RST, 0, 1, bytes(3)),
    "SETTINGS on a stream": frame(SETTINGS, 0, 1),
    "SETTINGS of 5 bytes": frame(SETTINGS, 0, 0, bytes(5)),
    "SETTINGS with a window beyond 2^31": frame(SETTINGS, 0, 0, struct.pack(">HI", INITIAL_WINDOW_SIZE, 1 << 31)),
    "PUSH_PROMISE": FIRST_HEAD + frame(PUSH, END_HEADERS, 1, u32(2)),
    "PING of 7 bytes": frame(PING, 0, 0, bytes(7)),
    "PING on a stream": frame(PING, 0, 1, bytes(8)),
    "GOAWAY of 7 bytes": frame(GOAWAY, 0, 0, bytes(7)),
    "WINDOW_UPDATE of 3 bytes": frame(WINDOW, 0, 0, bytes(3)),
    "WINDOW_UPDATE of 0": frame(WINDOW, 0, 0, u32(0)),
    "window of the connection beyond 2^31": frame(WINDOW, 0, 0, u32(0x7FFFFFFF)) * 2,
    "a frame larger than agreed": b"\xff\xff\xff" + frame(DATA, 0, 1)[3:] + bytes(20000),
}
# CVE-2026-27135: after the frame that ends the session, extension frames of a size that cannot be.
AFTERMATH = {f"CVE-2026-27135, {name}": frame(DATA, 0, 0, b"x") + frame(kind, 0, 0, body) + frame(kind, 0, 1, body)
             for name, kind, body in (("ALTSVC", ALTSVC, b"\0"), ("ORIGIN", ORIGIN, b"\xff"),
                                      ("PRIORITY_UPDATE", PRIORITY_UPDATE, b"\0"))}
MALFORMED += [Attack(name, bytes_, counter="protocol_errors")
              for name, bytes_ in {**BROKEN_FRAMES, **AFTERMATH}.items()]

DRIP = ("-1", "-d", "400")
SLOW = [
    Attack("says nothing", b"", None, "setup_timeouts", b"", ("-1",)),
    Attack("a slow preface", HELLO * 9, None, "setup_timeouts", b"", DRIP),
    Attack("slow headers", frame(HEADERS, END_HEADERS, 1, request(GET)), None, "setup_timeouts", HELLO, DRIP),
    Attack("slow CONTINUATION", frame(CONTINUATION, 0, 1, b"\0\1a\1b") * 99, None, "setup_timeouts",
           HELLO + frame(HEADERS, 0, 1, request(GET)), DRIP),
    Attack("no message", b"", None, "silent_streams", HELLO + FIRST_HEAD, ("-1",)),
    Attack("a slow message", frame(DATA, END_STREAM, 1, message(bytes(10000))), None, "slow_messages", HELLO + FIRST_HEAD, DRIP),
    Attack("no window", b"", None, "write_stalls", NO_WINDOW + FIRST_HEAD + data_frames(ONE_NOTE, 1), ("-1",)),
    Attack("never reads", b"", None, "write_stalls", HELLO + frame(WINDOW, 0, 0, u32(0x7FFF0000)) +
           frame(HEADERS, END_HEADERS, 1, request(REFLECTION)) + data_frames(ONE_SYMBOL * 1500, 1) +
           frame(WINDOW, 0, 1, u32(0x7FFF0000)),
           ("-1", "-q")),
]
