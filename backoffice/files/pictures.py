"""Pictures that strangers send: looked at as a whole before they are kept, and drawn anew before anybody opens them."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

from backoffice.domain.uploads import JPEG, PNG

MOST_PIXELS = 50_000_000
"""A page at 600 dpi has 35 million. A small file can unpack to a thousand times its size."""
_FORMATS = {JPEG: "JPEG", PNG: "PNG"}
_JPEG_QUALITY = 90


class PictureError(ValueError):
    """The content is no picture of that type, a damaged one, or too large to unpack."""


def check(content: bytes, media_type: str) -> None:
    """Whether all of it can be drawn; what is no picture type is not looked at. :raises PictureError:"""
    if media_type in _FORMATS:
        _drawn(content, media_type)


def anew(content: bytes, media_type: str) -> bytes:
    """The same picture, upright, written by us: nothing of the file but its pixels is left. :raises PictureError:"""
    picture = _drawn(content, media_type)
    upright = ImageOps.exif_transpose(picture)
    out = io.BytesIO()
    if media_type == PNG:
        pixels = upright.convert("RGBA" if "A" in upright.getbands() or "transparency" in upright.info else "RGB")
        _bare(pixels).save(out, "PNG")
    else:
        _bare(upright.convert("RGB")).save(out, "JPEG", quality=_JPEG_QUALITY)
    return out.getvalue()


def _bare(picture: Image.Image) -> Image.Image:
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    return bare


def _drawn(content: bytes, media_type: str) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(content), formats=(_FORMATS[media_type],))
        if picture.width * picture.height > MOST_PIXELS:
            raise PictureError(f"more than {MOST_PIXELS} pixels")
        picture.load()
    except PictureError:
        raise
    except Exception as cause:
        # A decoder answers hostile bytes with whatever type its code came to; each of them means: no picture.
        raise PictureError(f"cannot be drawn: {type(cause).__name__}") from None
    return picture
