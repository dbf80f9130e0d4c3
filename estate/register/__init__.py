"""The single register of publicly owned buildings, and the only writer of them."""
