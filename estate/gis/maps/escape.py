"""Texts from people on their way through Folium into a page.

Folium renders each element's text and then reads the result as a Jinja template once more: a building called
`{{ 7 * 7 }}` would run on the server, and `{% bad` would end in an error. So no text of ours that reaches Folium holds
the start of a Jinja expression, besides nothing that could end a script or a string.
"""

import html
import json
from typing import Any

ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "'": "\\u0027"})


def script_json(value: Any) -> str:
    """`value` as JSON that stays data inside a script element and inside a Jinja template. Refuses NaN and Infinity.

    Two opening braces, and a brace before `%` or `#`, can stand only inside a JSON string, so the second character can
    be escaped.
    """
    text = json.dumps(value, separators=(",", ":"), allow_nan=False).translate(ESCAPES)
    return text.replace("{{", "{\\u007b").replace("{%", "{\\u0025").replace("{#", "{\\u0023")


def html_text(text: str) -> str:
    """`text` as HTML that stays text, also inside a Jinja template and a JavaScript template literal."""
    escaped = html.escape(text)
    for character in "{}`$\\":
        escaped = escaped.replace(character, f"&#{ord(character)};")
    return escaped
