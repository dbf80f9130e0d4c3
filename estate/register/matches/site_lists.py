"""Lists of sites."""

SITE_LISTS = ("eric_sites",)
"""Layouts whose rows are whole sites: a site and a building are never linked by themselves."""
