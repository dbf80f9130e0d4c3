"""What a map document may load, and the policy that holds it to that."""

from dataclasses import dataclass

from estate.gis.maps.base import BaseLayer


@dataclass(frozen=True)
class Alone:
    """What a map document holds itself where it is a file for people without this system."""

    scripts: tuple[str, ...]
    """The text of each script, in order."""
    styles: tuple[str, ...]
    notes: tuple[str, ...]
    """What the file is and what is left out of it, above the map."""
    rows: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """The same figures as a table below the map: a name, and what is known of it."""
    policy: str = ""
    """The content security policy, which travels in the file."""


@dataclass(frozen=True)
class Assets:
    """Addresses on our own host of what every map loads, and the nonce that opens the document's policy to them.

    `scripts` and `styles` are loaded in order: Leaflet first, then Estate's `map.js` and `map-frame.css`.
    """

    scripts: tuple[str, ...]
    styles: tuple[str, ...]
    nonce: str
    alone: Alone | None = None
    """Given where the document is a file that stands alone: then nothing is loaded."""
    base: BaseLayer | None = None
    """The base map that the reader chose: then `scripts` hold Estate's `base.js`."""


SANDBOX = "allow-scripts allow-popups allow-top-navigation-by-user-activation"
"""What the frame of a map may do: run its scripts, and follow a link that the reader chose. No cookies, no forms."""


def content_policy(nonce: str, base: BaseLayer | None = None) -> str:
    """Content security policy of a map document.

    Only what carries the nonce runs; pictures come from our own host, and from that of the `base` map if there is one;
    nothing is fetched. The sandbox holds also where the document is opened outside its frame.
    """
    pictures = f"img-src 'self' data: {base.origin}" if base else "img-src 'self' data:"
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'nonce-{nonce}'",
            f"style-src 'nonce-{nonce}'",
            pictures,
            "base-uri 'none'",
            "form-action 'none'",
            f"sandbox {SANDBOX}",
        ]
    )


def policy_alone(nonce: str) -> str:
    """Content security policy of a file that stands alone: its own scripts and styles, and nothing from anywhere."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
