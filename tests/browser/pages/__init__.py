"""Page objects: what a person can do on a page, in a person's words."""
