"""Formats that other systems read, and the candidate disposals written in them."""
