"""Everything that makes an exploration: the stages in order, and subsets."""
