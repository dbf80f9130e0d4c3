"""Addresses of base maps: what is taken, and each thing that is refused with its sentence."""

import pytest

from estate.gis.base_addresses import BadAddress, checked_address, host_of, origin_of
from estate.gis.maps import BaseLayer, content_policy

XYZ = "https://tiles.example.org/streets/{z}/{x}/{y}.png"
KVP = (
    "https://maps.example.org:8443/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=road&STYLE=default"
    "&TILEMATRIXSET=EPSG:3857&TILEMATRIX=EPSG:3857:{TileMatrix}&TILEROW={TileRow}&TILECOL={TileCol}&FORMAT=image/png"
)


def test_an_address_of_tiles_stays_as_it_is() -> None:
    assert checked_address(f"  {XYZ} ") == XYZ
    assert host_of(XYZ) == "tiles.example.org"
    assert origin_of(XYZ) == "https://tiles.example.org"


def test_both_ways_of_wmts_are_written_as_one() -> None:
    found = checked_address(KVP)
    assert "TILEMATRIX=EPSG:3857:{z}&TILEROW={y}&TILECOL={x}&" in found
    assert origin_of(found) == "https://maps.example.org:8443"
    rest = checked_address("https://maps.example.org/rest/road/default/g/{TileMatrix}/{TileRow}/{TileCol}.png")
    assert rest.endswith("/g/{z}/{y}/{x}.png")


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("", "Enter the address"),
        ("http://tiles.example.org/{z}/{x}/{y}.png", "begin with https"),
        ("javascript:alert(1)//{z}/{x}/{y}", "begin with https"),
        ("//tiles.example.org/{z}/{x}/{y}.png", "begin with https"),
        ("https://me:secret@tiles.example.org/{z}/{x}/{y}.png", "no user name or password"),
        ("https://tiles.example.org/{z}/{x}/{y}.png?api_key=1", "no key, token"),
        ("https://tiles.example.org/{z}/{x}/{y}.png?a=1;access%5Ftoken=1", "no key, token"),
        ("https://tiles.example.org/{z}/{x}/{y}.png#part", "after a #"),
        ("https://{s}.example.org/{z}/{x}/{y}.png", "placeholders or wildcards"),
        ("https://{z}.example.org/{x}/{y}.png", "placeholders or wildcards"),
        ("https://*.example.org/{z}/{x}/{y}.png", "placeholders or wildcards"),
        ("https://tiles.example.org/{z}/{x}/{y}{r}.png", "{r} is one"),
        ("https://tiles.example.org/{z}/{x}/{constructor}.png", "{constructor} is one"),
        ("https://tiles.example.org/{z}/{x}/1.png", "once each"),
        ("https://tiles.example.org/{z}/{x}/{y}/{y}.png", "once each"),
        ("https://tiles.example.org/{z}/{x}/{y}}.png", "no counterpart"),
        ("https://tiles.example.org;script-src:*/{z}/{x}/{y}", "check its host"),
        ("https://tiles.example.org 'unsafe-inline'/{z}/{x}/{y}", "no blanks"),
        ("https://tiles.example.org:port/{z}/{x}/{y}", "check its host and port"),
        ("https://tiles.example.org:/{z}/{x}/{y}", "check its host and port"),
        ("https://[::1]/{z}/{x}/{y}", "no blanks"),
        ("https://tiles.example.org\n/{z}/{x}/{y}", "no blanks"),
        (f"https://tiles.example.org/{'a' * 1000}/{{z}}/{{x}}/{{y}}", "at most 1,000"),
    ],
)
def test_what_is_no_address_is_refused_with_a_sentence(address: str, sentence: str) -> None:
    with pytest.raises(BadAddress) as caught:
        checked_address(address)
    assert sentence in caught.value.message


def test_the_policy_opens_pictures_of_one_host_and_nothing_else() -> None:
    base = BaseLayer("Streets", "tiles.example.org", XYZ, origin_of(XYZ), "© Example", 0, 19)
    without, opened = content_policy("n"), content_policy("n", base)
    assert opened == without.replace("img-src 'self' data:", "img-src 'self' data: https://tiles.example.org")
    assert opened != without
