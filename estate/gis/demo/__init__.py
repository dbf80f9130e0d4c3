"""The demo place's geography: real districts and postcode-sector neighbourhoods, made from open postcodes alone.

Files of `data/boundaries/` describe it (`demo.toml`) and hold it (`demo_<level>.geojson`);
`write.write_demo_boundaries` rewrites the second from the first. Nothing here is an official boundary:
each line runs half-way between the postcodes of two neighbours, so that the result is free to share under the Open
Government Licence and close to the official one.
"""
