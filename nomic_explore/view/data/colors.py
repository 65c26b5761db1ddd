"""Colors of topics: one family of hues for each coarse topic, one shade of it for each finer one, on light and dark."""

import math

import numpy as np

NO_TOPIC = {"light": "#a3a8b3", "dark": "#656c7a"}
_POINT_LIGHTNESS = {"light": 0.62, "dark": 0.74}
_NAME_LIGHTNESS = {"light": 0.40, "dark": 0.90}
_FIRST_HUE = 255.0  # blue; in a corpus of few topics the first colors are blue, rose, gold, green
_SHADES = (0.0, 0.085, -0.075)  # neighbors in hue differ in lightness, which no color blindness hides


def order_on_circle(centers: np.ndarray, families: np.ndarray, family_centers: np.ndarray) -> np.ndarray:
    """Returns the turn (t,) in 0 to 1 of each topic's hue: families one after the other round the map, topics inside.

    Args:
        centers: (t, 2) the middle of each topic.
        families: (t,) the coarse topic that each lies in, -1 for none.
        family_centers: (f, 2) the middle of each coarse topic.
    """
    if not len(centers):
        return np.zeros(0)
    by_angle = np.argsort(_angles(family_centers, family_centers.mean(axis=0)), kind="stable")
    place_of_family = np.full(len(family_centers) + 1, len(family_centers))  # the last entry is no family
    place_of_family[by_angle] = np.arange(len(by_angle))
    own_angle = np.zeros(len(centers))
    for family in np.unique(families):
        members = families == family
        own_angle[members] = _angles(centers[members], centers[members].mean(axis=0))
    order = np.lexsort((own_angle, place_of_family[families]))
    family_changes = np.diff(place_of_family[families][order], prepend=place_of_family[families][order][-1]) != 0
    steps = 1.0 + 1.2 * family_changes  # a wider step between two families than inside one
    if len(np.unique(families)) == 1:
        steps = np.ones(len(order))
    turns = np.empty(len(order))
    turns[order] = (np.cumsum(steps) - steps[0]) / steps.sum()
    return turns


def point_color(turn: float, place: int, theme: str) -> str:
    """Returns the color of a topic's points; `place` is its number on the circle of hues."""
    hue = 360.0 * turn + _FIRST_HUE
    yellow = 0.05 * math.cos(math.radians(hue - 105.0))  # yellow at the lightness of blue looks brown
    return oklch(_POINT_LIGHTNESS[theme] + _SHADES[place % len(_SHADES)] + yellow, 0.15, hue)


def name_color(turn: float, theme: str) -> str:
    """Returns the color of a topic's name: nearly ink, with a touch of its hue."""
    return oklch(_NAME_LIGHTNESS[theme], 0.085 if theme == "light" else 0.055, 360.0 * turn + _FIRST_HUE)


def mean_turn(turns: np.ndarray, weights: np.ndarray) -> float:
    """Returns the middle of several turns of the circle.

    Example:
        >>> round(mean_turn(np.array([0.95, 0.05]), np.array([1.0, 1.0])), 3) % 1
        0.0
    """
    angle = 2 * np.pi * turns
    return float(np.arctan2((weights * np.sin(angle)).sum(), (weights * np.cos(angle)).sum()) / (2 * np.pi) % 1.0)


def oklch(lightness: float, chroma: float, hue: float) -> str:
    """Returns an OKLCH color (Ottosson 2020) as "#rrggbb"; chroma gives way until a screen can show it.

    Example:
        >>> oklch(1.0, 0.0, 0.0)
        '#ffffff'
    """
    while True:
        linear = _linear_rgb(lightness, chroma, hue)
        if chroma <= 0.0 or all(-1e-4 <= part <= 1.0001 for part in linear):
            break
        chroma -= 0.004
    bounded = [min(max(part, 0.0), 1.0) for part in linear]
    encoded = [12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055 for c in bounded]
    return "#" + "".join(f"{round(255 * part):02x}" for part in encoded)


def _linear_rgb(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _angles(points: np.ndarray, middle: np.ndarray) -> np.ndarray:
    return np.arctan2(points[:, 1] - middle[1], points[:, 0] - middle[0])


# Okabe and Ito (2008), distinguishable with any common color blindness; the first eight, then the same darker or lighter.
_OKABE_ITO = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b8a900", "#7a5195")
_ON_DARK = ("#4fa8e0", "#f0b429", "#2cc295", "#e39ac4", "#8fd3ff", "#ff8a4c", "#f0e442", "#b48ad6")
MAX_CATEGORIES = 2 * len(_OKABE_ITO)  # with a color of their own; the others share that of "other"
N_STEPS = 64  # of a scale of numbers


def category_colors(n: int, theme: str) -> list[str]:
    """Returns a color for each of n categories; from the 17th on all have that of "other"."""
    first = list(_OKABE_ITO if theme == "light" else _ON_DARK)
    shaded = [_mix(color, "#000000" if theme == "light" else "#ffffff", 0.38) for color in first]
    own = (first + shaded)[:n]
    return own + [NO_TOPIC[theme]] * (n - len(own))


def scale_colors(theme: str) -> list[str]:
    """Returns `N_STEPS` colors, low to high: lightness changes evenly, so the order survives any color blindness."""
    light, dark = (0.86, 0.33) if theme == "light" else (0.38, 0.92)
    steps = np.linspace(0.0, 1.0, N_STEPS)
    return [
        oklch(light + (dark - light) * at, 0.13, 105.0 + 175.0 * (at if theme == "light" else 1 - at)) for at in steps
    ]


def _mix(color: str, other: str, share: float) -> str:
    parts = [(int(color[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(own + (to - own) * share):02x}" for own, to in parts)
