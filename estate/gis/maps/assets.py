"""What a map document may load, and the policy that holds it to that."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Assets:
    """Addresses on our own host of what every map loads, and the nonce that opens the document's policy to them.

    `scripts` and `styles` are loaded in order: Leaflet first, then Estate's `map.js` and `map-frame.css`.
    """

    scripts: tuple[str, ...]
    styles: tuple[str, ...]
    nonce: str


SANDBOX = "allow-scripts allow-popups allow-top-navigation-by-user-activation"
"""What the frame of a map may do: run its scripts, and follow a link that the reader chose. No cookies, no forms."""


def content_policy(nonce: str) -> str:
    """Content security policy of a map document.

    Only what carries the nonce runs; pictures come from our own host; nothing is fetched. The sandbox holds also where
    the document is opened outside its frame.
    """
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'nonce-{nonce}'",
            f"style-src 'nonce-{nonce}'",
            "img-src 'self' data:",
            "base-uri 'none'",
            "form-action 'none'",
            f"sandbox {SANDBOX}",
        ]
    )
