"""`Channels`: what the points of a map can be colored, sized and filtered by, made when it is first asked for."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from nomic_explore.view.data.channel_readers import explain_unshown
from nomic_explore.view.data.channels import Channel

if TYPE_CHECKING:
    import pyarrow as pa

ASSIGNMENT, STRENGTH = "topic_assignment", "topic_strength"
TOPIC_CHANNEL = re.compile(rf"topic( \(\d+(, layer \d+)?\))?|{ASSIGNMENT}|{STRENGTH}")

Makers = Mapping[str, Callable[[], Channel | None]]


class Channels(Mapping[str, Channel]):
    """The channels by name; each is made when it is first asked for.

    Args:
        makers: what makes each.
        columns: the columns of the table by the same names, which tell why one cannot be shown.
        hidden: names of channels that are there but not listed, since another one holds the same.
    """

    def __init__(
        self,
        makers: Makers,
        columns: "Mapping[str, pa.ChunkedArray] | None" = None,
        hidden: Collection[str] = (),
    ) -> None:
        self._makers, self._columns, self._hidden = dict(makers), dict(columns or {}), frozenset(hidden)
        self._made: dict[str, Channel | None] = {}

    def __getitem__(self, name: str) -> Channel:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        made = self._made[name]
        if made is None:
            raise KeyError(name)
        return made

    def __iter__(self) -> Iterator[str]:
        """Yields the names of what can be shown: no free text, nothing empty."""
        return (name for name in self._makers if name not in self._hidden and self.get(name) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def explain(self, name: str) -> str:
        """Returns why there is no such channel, as a sentence without its full stop; "" for a name that no column has."""
        return explain_unshown(name, self._columns[name]) if name in self._columns else ""

    def plus(self, name: str, make: Callable[[], Channel | None]) -> "Channels":
        """Returns these channels and one more."""
        return Channels({**self._makers, name: make}, self._columns, self._hidden)

    def forget(self, name: str) -> None:
        """Makes a channel again when it is next asked for: its column changed."""
        self._made.pop(name, None)

    def forget_topics(self) -> None:
        """Makes the channels of topics again when they are next asked for: some were renamed."""
        for name in [name for name in self._made if TOPIC_CHANNEL.fullmatch(name)]:
            self.forget(name)

    def with_topics(self, makers: Makers) -> "Channels":
        """Returns these channels with others of topics: those of layers first, of how topics were given last."""
        own = {name: make for name, make in self._makers.items() if not TOPIC_CHANNEL.fullmatch(name)}
        first = {name: make for name, make in makers.items() if name not in (ASSIGNMENT, STRENGTH)}
        channels = Channels({**first, **own, **makers}, self._columns, self._hidden)
        channels._made = {name: made for name, made in self._made.items() if name in own}
        return channels
