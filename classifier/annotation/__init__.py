"""Helping the people who label; needs no model."""
