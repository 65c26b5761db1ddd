"""One open folder: results, edits and history, without a screen and without a build."""
