"""The single register of publicly owned buildings, and the only writer of them."""

from estate.register import listed as listed  # what lists read follows every flush from here on
