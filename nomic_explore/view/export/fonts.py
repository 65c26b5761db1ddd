"""Fonts for pictures: the one that Pillow brings, and for letters it lacks one of the system, where there is one."""

import subprocess
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from PIL import ImageFont

Font: TypeAlias = "ImageFont.FreeTypeFont | ImageFont.ImageFont"

_NO_CHARACTER = "\U0010ffff"  # drawn as the sign for a missing letter
# Looked for in the system's folders, where fontconfig is missing: macOS, Windows, Linux.
_WIDE_FONTS = (
    "PingFang.ttc",
    "Hiragino Sans GB.ttc",
    "Arial Unicode.ttf",
    "msyh.ttc",
    "malgun.ttf",
    "arial.ttf",
    "seguisym.ttf",
    "NotoSansCJK-Regular.ttc",
    "NotoSans-Regular.ttf",
    "DejaVuSans.ttf",
)


def find_font(text: str, size: float) -> "tuple[Font, str]":
    """Returns a Pillow font for a text, and the text: without its accents if no font here has the letters.

    Example:
        >>> find_font("cat", 12.0)[1]
        'cat'
    """
    font = _default(size)
    lacking = "".join(sorted({char for char in text if not _has(font, char)}))
    if not lacking:
        return font, text
    path = _find_file(_one_of_each_script(lacking))
    if path is not None:
        from PIL import ImageFont

        return ImageFont.truetype(path, size), text
    plain = {char: unicodedata.normalize("NFKD", char)[0] for char in lacking}
    return font, "".join(plain.get(char, char) for char in text)


@cache
def _default(size: float) -> "Font":
    from PIL import ImageFont

    return ImageFont.load_default(size)


def _has(font: "Font", char: str) -> bool:
    if unicodedata.category(char) in {"Cf", "Mn"}:  # joiners and marks have no sign of their own
        return True
    return bytes(font.getmask(char)) != bytes(font.getmask(_NO_CHARACTER))


def _one_of_each_script(chars: str) -> str:
    """Returns the first character of each script, so that a thousand Chinese names ask for a font once."""
    return "".join({unicodedata.name(char, "?").split()[0]: char for char in reversed(chars)}.values())


@cache
def _find_file(chars: str) -> str | None:
    """Returns the file of the first font that has these characters, or the most of them; None if none has any."""
    from PIL import ImageFont

    best, most = None, 0
    for name in (_ask_fontconfig(chars), *_WIDE_FONTS):
        try:
            font = ImageFont.truetype(name, 20) if name else None
        except OSError:  # not installed, or its letters come in one size only
            continue
        found = sum(_has(font, char) for char in chars) if font else 0
        if found > most:
            best, most = name, found
        if most == len(chars):
            break
    return best


def _ask_fontconfig(chars: str) -> str | None:
    pattern = ":charset=" + " ".join(f"{ord(char):x}" for char in chars)
    try:
        asked = subprocess.run(
            ["fc-match", "-f", "%{file}", pattern], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return asked.stdout.strip() or None
