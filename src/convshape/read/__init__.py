"""Read a description in any of its dialects into a Network."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from convshape import limits
from convshape.faults import ReadError
from convshape.source import Source, Span

if TYPE_CHECKING:
    from typing import BinaryIO

    from convshape.network import Network

SAVED = (".pt", ".pth", ".ckpt", ".safetensors", ".onnx", ".h5", ".pkl", ".bin")
"""What saved weights are called: they hold no description."""


def read(net: str) -> Network:
    """Read a network: the path of a file, `-` for standard input, or a description with `(` in it.

    Raises ReadError when it is none of these or cannot be read.
    """
    return parse(fetch(net))


def fetch(net: str) -> Source:
    """Return the text of a network and its name."""
    if net == "-":
        return Source("<stdin>", decode("<stdin>", take("<stdin>", sys.stdin.buffer)))
    if os.path.exists(net) or not any(mark in net for mark in ("(", "\n", "->")):  # noqa: PTH110  # pathlib takes 5 ms to import
        return Source(net, decode(net, file_bytes(net)))
    return Source("<net>", unescaped(net))


def unescaped(text: str) -> str:
    """Read an argument of the command line as UTF-8, where Python could not for want of a locale."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return os.fsencode(text).decode("utf-8", "surrogateescape")
    return text


def file_bytes(path: str) -> bytes:
    """Read a file, or say why not."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123  # see above
            return take(path, file)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
    except ValueError as error:
        reason = str(error)
    raise ReadError("file", f"cannot read {path[:200] or 'a file without a name'}: {reason}{_nearest(path)}")


def take(name: str, file: BinaryIO) -> bytes:
    """Read a file, unless it has no end that a description would have."""
    data = file.read(limits.BYTES + 1)
    if len(data) > limits.BYTES:
        raise limits.over("BYTES", "too-long", f"{name} is larger than {limits.BYTES:,} bytes: no description is")
    return data


def _nearest(path: str) -> str:
    """Suggest a file that is there."""
    from convshape.suggest import did_you_mean

    folder, name = os.path.split(path)
    try:
        return did_you_mean(name, os.listdir(folder or ".")) if not os.path.exists(path) else ""  # noqa: PTH110, PTH208  # see above
    except (OSError, ValueError):
        return ""


def decode(name: str, data: bytes) -> str:
    """Turn the bytes of a file into text."""
    hint = "; saved weights hold no description: paste print(model)" if name.endswith(SAVED) else ""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = f"byte {error.start} is 0x{data[error.start]:02x}"
        raise ReadError("encoding", f"{name} is not UTF-8 text: {where}{hint}") from None
    if "\0" in text:
        where = f"byte {data.index(0)} is 0x00"
        raise ReadError("encoding", f"{name} is not text: {where}{hint}")
    if not text.strip():
        raise ReadError("empty", f"{name} is empty: a description has at least one layer")
    return text


def parse(source: Source) -> Network:
    """Tell the dialect of a text and read it."""
    check(source)
    try:
        return _parse(source)
    except RecursionError:
        raise limits.too_deep(source) from None


def _parse(source: Source) -> Network:
    """Read a text by the reader of its dialect."""
    if "):" in source.text:  # a part of print(model): its patterns are compiled only where they may match
        from convshape.read.printed import is_printed, read_printed

        if is_printed(source.text):
            return read_printed(source)
    from convshape.read.inline import PYTHON, is_code, read_inline, without_prompts

    source = without_prompts(source)
    if is_code(source.text) and PYTHON.search(source.text):
        from convshape.read.module import read_module

        return read_module(source)
    if is_code(source.text):
        return read_inline(source)
    from convshape.read.yaml import read_yaml

    return read_yaml(source)


def check(source: Source) -> None:
    """Refuse a text with no layer in it, or that is no text."""
    text = source.text
    if len(text) > limits.BYTES:
        words = f"{source.name} is larger than {limits.BYTES:,} characters: no description is"
        raise limits.over("BYTES", "too-long", words)
    if not text.strip():
        raise ReadError("empty", f"{source.name} is empty: a description has at least one layer")
    if "\0" in text:
        start = text.index("\0")
        raise ReadError("encoding", f"{source.name} is not text: it holds a NUL", source, Span(start, start + 1))
    try:
        text.encode()
    except UnicodeEncodeError as error:
        span = Span(error.start, error.start + 1)
        raise ReadError("encoding", f"{source.name} is not text: it holds half a character", source, span) from None
