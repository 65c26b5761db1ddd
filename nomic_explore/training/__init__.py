"""The recipe of the models, one file per stage: pretraining, pairs, contrastive training, and what follows them."""
