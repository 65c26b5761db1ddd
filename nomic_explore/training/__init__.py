"""The recipe of the models, one file per stage, small enough to read."""
