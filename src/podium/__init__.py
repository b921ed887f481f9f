"""Podium: direct many coding agents and still answer for what lands."""

__version__ = "0.1.0"
