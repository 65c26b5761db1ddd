"""The recipe of the models, one file per stage, small enough to read."""

from nomic_explore.training.contrastive import ContrastiveConfig, train_contrastive
from nomic_explore.training.distillation import DistillationConfig, distill
from nomic_explore.training.experts import recorded_routes, upcycle
from nomic_explore.training.filtering import filter_pairs
from nomic_explore.training.fine_tuning import FineTuningConfig, fine_tune
from nomic_explore.training.hard_negatives import mine_hard_negatives
from nomic_explore.training.held_out import split_pairs
from nomic_explore.training.loop import LoopOptions, TrainingError, train
from nomic_explore.training.pairs import Pairs, join_pairs, make_pairs, pairs_from_columns, pairs_from_first_line
from nomic_explore.training.pretraining import PretrainingConfig, pretrain
from nomic_explore.training.recipes import Recipe, list_recipes, read_recipe, run_recipe
from nomic_explore.training.related_pairs import pairs_from_labels, pairs_from_neighbors
from nomic_explore.training.students import Student, load_student, new_student, start_table
from nomic_explore.training.verdict_pairs import pairs_from_duplicates, pairs_from_topics
from nomic_explore.training.vision import ImageAlignmentConfig, align_images

__all__ = [
    "ContrastiveConfig",
    "DistillationConfig",
    "FineTuningConfig",
    "ImageAlignmentConfig",
    "LoopOptions",
    "Pairs",
    "PretrainingConfig",
    "Recipe",
    "Student",
    "TrainingError",
    "align_images",
    "distill",
    "filter_pairs",
    "fine_tune",
    "join_pairs",
    "list_recipes",
    "load_student",
    "make_pairs",
    "mine_hard_negatives",
    "new_student",
    "pairs_from_columns",
    "pairs_from_duplicates",
    "pairs_from_first_line",
    "pairs_from_labels",
    "pairs_from_neighbors",
    "pairs_from_topics",
    "pretrain",
    "read_recipe",
    "recorded_routes",
    "run_recipe",
    "split_pairs",
    "start_table",
    "train",
    "train_contrastive",
    "upcycle",
]
