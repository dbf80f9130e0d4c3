"""JSON from a service of the operator's list, within limits of size and time, and from no other host."""

import json
import time
from typing import Any
from urllib.parse import urlsplit

import requests

from estate.gis.boundaries.errors import BoundaryServiceFailed
from estate.gis.boundaries.read import MAXIMUM_BYTES

CONNECT_SECONDS, SILENCE_SECONDS, TOTAL_SECONDS = 10, 60, 900
CHUNK_BYTES = 1 << 16
MAXIMUM_PAGES = 10_000


class Service:
    """Answers of one host: all together at most `MAXIMUM_BYTES`, `MAXIMUM_PAGES` and `TOTAL_SECONDS`."""

    def __init__(self, address: str) -> None:
        self.origin = urlsplit(address)[:2]
        self.host = self.origin[1]
        self.left_bytes, self.left_pages = MAXIMUM_BYTES, MAXIMUM_PAGES
        self.ends_at = time.monotonic() + TOTAL_SECONDS

    def object_at(self, address: str, **parameters: str | int) -> dict[str, Any]:
        """The JSON object at an address of this host. Raises `BoundaryServiceFailed` with a sentence."""
        if urlsplit(address)[:2] != self.origin:
            raise BoundaryServiceFailed(f"{self.host} leads to another host, which the list of services does not name.")
        self.left_pages -= 1
        if self.left_pages < 0:
            raise BoundaryServiceFailed(f"{self.host} has more than {MAXIMUM_PAGES:,} pages, so nothing was stored.")
        try:
            found = json.loads(self._body(address, parameters))
        except requests.Timeout as error:
            raise BoundaryServiceFailed(f"{self.host} does not answer in time. Try again later.") from error
        except requests.RequestException as error:
            raise BoundaryServiceFailed(f"{self.host} can't be reached, or broke off. Try again later.") from error
        except (ValueError, RecursionError) as error:
            raise BoundaryServiceFailed(f"{self.host} answers something that is not JSON.") from error
        if not isinstance(found, dict):
            raise BoundaryServiceFailed(f"{self.host} answers JSON, but no object.")
        return found

    def _body(self, address: str, parameters: dict[str, str | int]) -> bytes:
        parts: list[bytes] = []
        with requests.get(
            address,
            params=parameters,
            stream=True,
            timeout=(CONNECT_SECONDS, SILENCE_SECONDS),
            allow_redirects=False,
            headers={"Accept": "application/geo+json, application/json"},
        ) as answer:
            if answer.is_redirect:
                raise BoundaryServiceFailed(f"{self.host} has moved. Put its new address into the list of services.")
            if answer.status_code != requests.codes.ok:
                raise BoundaryServiceFailed(f"{self.host} answers with status {answer.status_code}. Try again later.")
            for part in answer.iter_content(CHUNK_BYTES):
                self.left_bytes -= len(part)
                if self.left_bytes < 0:
                    raise BoundaryServiceFailed(
                        f"{self.host} sends more than 256 MB. Choose a simplified (generalised) set of boundaries."
                    )
                if time.monotonic() > self.ends_at:
                    raise BoundaryServiceFailed(f"{self.host} takes longer than 15 minutes, so nothing was stored.")
                parts.append(part)
        return b"".join(parts)
