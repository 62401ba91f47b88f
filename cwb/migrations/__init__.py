"""How the workspace's tables came to be, one step a file in `versions`; run by cwb.workspace when it opens a store."""
