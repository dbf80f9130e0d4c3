"""Maps on paper: sheets of a true scale as PDF and PNG, drawn from the looks and legends of the screen."""

from estate.gis.paper.drawing import Drawn, draw
from estate.gis.paper.labels import labels_of
from estate.gis.paper.legends import legend_on_paper
from estate.gis.paper.placing import Placing, place
from estate.gis.paper.sheets import SHEETS, Sheet
from estate.gis.paper.typeset import Words, typeset

__all__ = ["SHEETS", "Drawn", "Placing", "Sheet", "Words", "draw", "labels_of", "legend_on_paper", "place", "typeset"]
