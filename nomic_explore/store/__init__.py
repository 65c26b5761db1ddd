"""An exploration on disk: a LanceDB database, a manifest, and the table of each result."""
