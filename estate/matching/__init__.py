"""Candidate pairs of records that speak of one building. Pure: frames in, pairs out."""
