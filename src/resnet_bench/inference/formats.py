"""Which image format it is that is not supported, by the first bytes, so that a refusal can name it."""

from __future__ import annotations

from typing import Final

_STARTS: Final = {
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
    b"\0\0\0\x0cjP  \r\n\x87\n": "JPEG 2000",
    b"\xff\x4f\xff\x51": "JPEG 2000",
    b"\xff\x0a": "JPEG XL",
    b"\0\0\0\x0cJXL \r\n\x87\n": "JPEG XL",
    b"%PDF-": "PDF",
    b"8BPS": "PSD",
    b"\0\0\1\0": "ICO",
    b"qoif": "QOI",
    b"\x8aMNG\r\n\x1a\n": "MNG",
    b"<svg": "SVG",
}
# Of a file in ISO's base media format, which begins with the length of its first box.
_BRANDS: Final = {
    **dict.fromkeys((b"avif", b"avis"), "AVIF"),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), "HEIC"),
}


def format_of(data: bytes) -> str | None:
    """The name of a well-known format; ``None`` if it is none of them."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12])
    if data[:5] == b"<?xml" and b"<svg" in data[:1000]:
        return "SVG"
    return next((name for start, name in _STARTS.items() if data.startswith(start)), None)
