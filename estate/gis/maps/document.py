"""The map document: Folium's map of our own host's files, no inline script without the nonce, a base map if chosen."""

from dataclasses import asdict
from typing import Any

import folium
from branca.element import Figure, MacroElement
from folium.template import Template

from estate.gis.maps.assets import Assets
from estate.gis.maps.escape import html_text, script_json
from estate.gis.maps.legend import Caption, Legend, Looks

# Folium's own figure leaves out the language, nonces and a body around the script.
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
{% set alone = this.assets.alone %}{% if alone %}
<meta http-equiv="Content-Security-Policy" content="{{ alone.policy|e }}">
<meta name="referrer" content="no-referrer">
{% endif %}
<title>{{ this.title|e }}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
{% for url in this.assets.styles %}<link rel="stylesheet" href="{{ url|e }}" nonce="{{ this.assets.nonce|e }}">
{% endfor %}
{% for text in alone.styles if alone %}<style nonce="{{ this.assets.nonce|e }}">{{ text }}</style>
{% endfor %}
</head>
<body{% if alone %} class="alone"{% endif %}>
{% if alone %}<header class="alone__head"><p class="alone__title">{{ this.title|e }}</p>
{% for note in alone.notes %}<p>{{ note|e }}</p>{% endfor %}
{% if alone.rows %}<p><a href="#figures">Go to the table of the same figures</a></p>{% endif %}
</header><div class="alone__map">
{% endif %}
{{ this.html.render(**kwargs) }}
{% if alone %}</div>
{% if alone.rows %}<section class="alone__figures" id="figures" aria-label="Figures">
<h2>The same figures as a table</h2>
<table><thead><tr><th scope="col">Name</th><th scope="col">What is known</th></tr></thead><tbody>
{% for name, lines in alone.rows %}<tr><th scope="row">{{ name|e }}</th>
<td>{% for line in lines %}{{ line|e }}{% if not loop.last %}<br>{% endif %}{% endfor %}</td></tr>
{% endfor %}</tbody></table></section>{% endif %}
{% else %}
<noscript><p>This map needs scripts. The table on the page holds the same figures.</p></noscript>{% endif %}
{% for url in this.assets.scripts %}<script src="{{ url|e }}" nonce="{{ this.assets.nonce|e }}"></script>
{% endfor %}
{% for text in alone.scripts if alone %}<script nonce="{{ this.assets.nonce|e }}">{{ text }}</script>
{% endfor %}
<script nonce="{{ this.assets.nonce|e }}">
{{ this.script.render(**kwargs) }}
</script>
</body>
</html>
"""


class Document(Figure):  # type: ignore[misc,unused-ignore]
    """A whole HTML page that loads `assets` and nothing else."""

    _template = Template(PAGE)

    def __init__(self, assets: Assets, title: str) -> None:
        super().__init__(title=title)
        self.assets = assets


class EstateMap(folium.Map):  # type: ignore[misc,unused-ignore]
    """Folium's map without what its own template brings: other hosts' files, inline styles, a ban on zooming."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012
    default_css: list[tuple[str, str]] = []  # noqa: RUF012
    _template = Template(
        """
        {% macro html(this, kwargs) %}
        <main class="estate-map" id="{{ this.get_name() }}" aria-label="{{ this.label }}">
            <h1 class="estate-title">{{ this.label }}</h1>
        </main>
        {% if this.has_legend %}<aside class="legends" aria-label="Legend"></aside>{% endif %}
        {% endmacro %}
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, {
            center: {{ this.location|tojson }},
            ...EstateMap.options,
            ...{{ this.options|tojavascript }}
        });
        var estate = EstateMap.start({{ this.get_name() }}, {{ this.facts_text }});
        {% if this.has_base %}EstateBase.start(estate);{% endif %}

        {% endmacro %}
        """
    )

    def __init__(self, label: str, facts: dict[str, Any]) -> None:
        super().__init__(location=(0, 0), tiles=None, prefer_canvas=True)
        self.label = html_text(label)
        self.facts_text = script_json(facts)
        self.has_legend = bool(facts["legends"])
        self.has_base = "base" in facts


class Features(folium.GeoJson):  # type: ignore[misc,unused-ignore]
    """One layer of features, whatever their number; `map.js` draws each by the look that its properties name.

    Each feature's properties: `look` (place in the document's looks), `name`, `lines` (texts below the name), `href`
    and `link` (a page of ours and what to call it) where there is one. All of it is shown as text, never as HTML.
    `features` is a list of GeoJSON features, or what `packed_areas` gives.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.geoJson({{ this.features_script }}, {
            style: estate.style,
            pointToLayer: estate.point,
            onEachFeature: estate.describe.{{ this.role }}
        });
        estate.keep("{{ this.role }}", {{ this.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(
        self, features: list[dict[str, Any]] | dict[str, Any], name: str, role: str, *, is_shown: bool = True
    ) -> None:
        # Leaflet puts a layer's name into its layer switch as HTML.
        super().__init__({"type": "FeatureCollection", "features": []}, name=html_text(name), show=is_shown)
        self._name = f"{role}_layer"
        self.role = role
        # Outlines of buildings come and go with the zoom.
        self.control = role != "footprint"
        if isinstance(features, dict):
            self.count = len(features["names"])
            self.features_script = f"EstateMap.unpack({script_json(features)})"
        else:
            self.count = len(features)
            self.features_script = script_json({"type": "FeatureCollection", "features": features})


class Finish(MacroElement):  # type: ignore[misc,unused-ignore]
    """The last script of the document: labels, legend, bounds, and the mark that the map is ready."""

    _template = Template("{% macro script(this, kwargs) %}estate.finish();{% endmacro %}")


def document(
    *,
    caption: Caption,
    assets: Assets,
    looks: Looks,
    legends: dict[str, Legend],
    bounds: Any,
    layers: list[Features],
    tiles: dict[str, Any] | None = None,
) -> str:
    """The HTML of a map of `layers`, the first at the bottom. `bounds` is (west, south, east, north) or None.

    `tiles`: what a layer of tiles must know; see `estate.gis.maps.tiled`.
    """
    facts: dict[str, Any] = {
        "legends": [_legend(role, legend, looks) for role, legend in legends.items()],
        "bounds": None if bounds is None else [[bounds[1], bounds[0]], [bounds[3], bounds[2]]],
        "title": caption.title,
        "point_count": max((layer.count for layer in layers if layer.role == "building"), default=0),
        "foot": caption.foot,
    }
    if tiles is not None:
        facts["tiles"] = tiles
    if assets.base is not None:
        facts["base"] = assets.base.facts
    # Legends may have added looks, so they are listed last.
    facts["looks"] = looks.as_json()
    page = Document(assets, caption.title)
    chart = EstateMap(f"Map: {caption.title}", facts)
    page.add_child(chart)
    for layer in layers:
        chart.add_child(layer)
    if legends and len(layers) > 1:
        chart.add_child(folium.LayerControl(position="topright", collapsed=False))
    chart.add_child(Finish())  # type: ignore[no-untyped-call,unused-ignore]
    return str(page.render())


def _legend(role: str, legend: Legend, looks: Looks) -> dict[str, Any]:
    entries = [{"text": it.text, "count": it.count, "look": looks.place(it.look)} for it in legend.entries]
    return {**asdict(legend), "role": role, "entries": entries}
