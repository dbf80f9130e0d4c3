"""Sheets of paper, and where the map lies on them."""

from dataclasses import dataclass

MARGIN_MM = 12.0
HEAD_MM = 20.0
"""Title and what is shown."""
FOOT_MM = 21.0
"""Source, filters and how the register was read."""
GAP_MM = 4.0
STRIP_MM = 13.0
"""Scale bar and north arrow, below the map."""


@dataclass(frozen=True)
class Sheet:
    """A sheet in the direction it is read in. All lengths in mm."""

    code: str
    title: str
    width_mm: float
    height_mm: float
    legend_mm: float
    """Width of the legend beside a wide map; its height below a tall one."""

    @property
    def is_wide(self) -> bool:
        """True for landscape, where the legend stands beside the map."""
        return self.width_mm > self.height_mm

    @property
    def size(self) -> str:
        """`A4`."""
        return self.title.split()[0]

    @property
    def map_mm(self) -> tuple[float, float]:
        """Width and height of the map's frame."""
        width = self.width_mm - 2 * MARGIN_MM
        height = self.height_mm - 2 * MARGIN_MM - HEAD_MM - FOOT_MM - STRIP_MM - 2 * GAP_MM
        if self.is_wide:
            return width - self.legend_mm - GAP_MM, height
        return width, height - self.legend_mm - GAP_MM


SHEETS = {
    sheet.code: sheet
    for sheet in (
        Sheet("a4-landscape", "A4 landscape", 297, 210, 64),
        Sheet("a4-portrait", "A4 portrait", 210, 297, 50),
        Sheet("a3-landscape", "A3 landscape", 420, 297, 80),
        Sheet("a3-portrait", "A3 portrait", 297, 420, 62),
    )
}
"""Every sheet by its code; the first is the usual one."""
