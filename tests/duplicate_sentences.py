"""Five sentences that the tests of thresholds share: three are copies, two are about something else."""

SENTENCES = [
    "The committee will publish its report on coastal flooding before the end of the summer session.",
    "the committee will publish its report on coastal flooding, before the end of the summer session",
    "The committee will publish its report on coastal flooding before the end of the summer.",
    "A baker in the old town sells bread with walnuts on market days only.",
    "Rainfall in the valley was measured with buckets until the station was built.",
]
ANGLES = [0.0, 0.0, 0.1, 0.6, 1.5]  # of their vectors, in radians
