"""Maps, by Folium: each function gives a whole HTML document for a sandboxed frame. Only here is Folium known."""

from estate.gis.maps.assets import SANDBOX, Alone, Assets, content_policy, policy_alone
from estate.gis.maps.base import BaseLayer
from estate.gis.maps.choropleth import AreaLayer, area_map
from estate.gis.maps.classes import MAXIMUM_CLASSES, MINIMUM_CLASSES, Classes, Scheme, classify, classify_change
from estate.gis.maps.legend import Caption, Look
from estate.gis.maps.moves import moves_map
from estate.gis.maps.outlines import outlines_around
from estate.gis.maps.points import PointLayer, building_map, buildings_map, pair_map, site_map
from estate.gis.maps.ring import ring_frame
from estate.gis.maps.scene import Scene, scene_map, scene_of_areas, scene_of_points, scene_of_squares, with_ring
from estate.gis.maps.tiled import Kinds, Scale, TileLayer, tiled_map

__all__ = [
    "MAXIMUM_CLASSES",
    "MINIMUM_CLASSES",
    "SANDBOX",
    "Alone",
    "AreaLayer",
    "Assets",
    "BaseLayer",
    "Caption",
    "Classes",
    "Kinds",
    "Look",
    "PointLayer",
    "Scale",
    "Scene",
    "Scheme",
    "TileLayer",
    "area_map",
    "building_map",
    "buildings_map",
    "classify",
    "classify_change",
    "content_policy",
    "moves_map",
    "outlines_around",
    "pair_map",
    "policy_alone",
    "ring_frame",
    "scene_map",
    "scene_of_areas",
    "scene_of_points",
    "scene_of_squares",
    "site_map",
    "tiled_map",
    "with_ring",
]
