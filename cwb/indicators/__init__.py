"""One measure a module: pure functions from frames to small frames."""
