"""cwb shows a public body where its money goes."""

__version__ = "0.1.0"
