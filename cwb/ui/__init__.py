"""The app's pages: one module a page, thin over `cwb.pipeline`; no arithmetic here."""
