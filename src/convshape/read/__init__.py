"""Read a description in any of its dialects into a Network."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from convshape.faults import ReadError
from convshape.source import Source

if TYPE_CHECKING:
    from convshape.network import Network


def read(net: str) -> Network:
    """Read a network: the path of a file, `-` for standard input, or a description with `(` in it.

    Raises ReadError when it is none of these or cannot be read.
    """
    return parse(fetch(net))


def fetch(net: str) -> Source:
    """Return the text of a network and its name."""
    if net == "-":
        return Source("<stdin>", decode("<stdin>", sys.stdin.buffer.read()))
    if os.path.exists(net) or not any(mark in net for mark in "(\n"):
        return Source(net, decode(net, _bytes(net)))
    return Source("<net>", net)


def _bytes(path: str) -> bytes:
    """Read a file, or say why not."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise ReadError("file", f"cannot read {path}: {(error.strerror or str(error)).lower()}") from None


def decode(name: str, data: bytes) -> str:
    """Turn the bytes of a file into text, line ends made one."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReadError("encoding", f"{name} is not UTF-8 text: byte {error.start} is 0x{data[error.start]:02x}") from None
    if not text.strip():
        raise ReadError("empty", f"{name} is empty: a description has at least one layer")
    return text.replace("\r\n", "\n")


def parse(source: Source) -> Network:
    """Tell the dialect of a text and read it."""
    from convshape.read.inline import is_code, read_inline

    if is_code(source.text):
        return read_inline(source)
    from convshape.read.yaml import read_yaml

    return read_yaml(source)
