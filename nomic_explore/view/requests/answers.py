"""`Answers`: every question of a map and who answers it."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nomic_explore.view.data.map_data import MapData
from nomic_explore.view.requests.columns import ColumnRequests
from nomic_explore.view.requests.context import MapContext
from nomic_explore.view.requests.documents import DocumentRequests
from nomic_explore.view.requests.duplicates import DuplicateRequests
from nomic_explore.view.requests.edits import EditRequests
from nomic_explore.view.requests.finish import FinishRequests
from nomic_explore.view.requests.protocol import check_request
from nomic_explore.view.requests.review import ReviewRequests
from nomic_explore.view.requests.search import SearchRequests
from nomic_explore.view.requests.selection import SelectionRequests
from nomic_explore.view.requests.table import TableRequests
from nomic_explore.view.requests.topics import TopicRequests

if TYPE_CHECKING:
    from nomic_explore.session import Session


class Answers:
    """Answers the questions of one map.

    Args:
        exploration: what is asked about.
        data: the points of its map.
        hover: columns shown on the hover card.
        title: the column with the titles; None takes that of the build.

    Attributes:
        context: the exploration, its points and the selection.
        duplicates: what the pane of duplicates was shown.
        handlers: for each question of `protocol.QUESTIONS` the method that takes its request.
    """

    def __init__(
        self, exploration: "Session", data: MapData, hover: Sequence[str] = (), title: str | None = None
    ) -> None:
        self.context = MapContext(exploration, data, title)
        review, search = ReviewRequests(self.context), SearchRequests(self.context)
        self.duplicates = DuplicateRequests(self.context, review)
        documents = DocumentRequests(self.context, self.duplicates, hover)
        columns, table = ColumnRequests(self.context), TableRequests(self.context)
        edits, topics = EditRequests(self.context), TopicRequests(self.context)
        finish = FinishRequests(self.context)
        self.handlers: dict[str, Callable[[Any], Mapping[str, object]]] = {
            "describe": documents.describe,
            "read": documents.read,
            "columns": columns.columns,
            "filter_counts": columns.filter_counts,
            "rows": documents.rows,
            "export": documents.export,
            "subset": documents.subset,
            "table": table.page,
            "export_table": table.export,
            "search": search.search,
            "like": search.more_like,
            "members": search.members,
            "describe_selection": SelectionRequests(self.context).describe,
            "tag": edits.tag,
            "untag": edits.untag,
            "edit_tag": edits.edit_tag,
            "rename_topic": edits.rename_topic,
            "pin": edits.pin,
            "save_view": edits.save_view,
            "delete_view": edits.delete_view,
            "undo": edits.undo,
            "redo": edits.redo,
            "refresh": edits.refresh,
            "topic_shares": topics.shares,
            "topic_card": topics.details,
            "compare_topics": topics.compare,
            "merge_topics": topics.merge,
            "split_topic": topics.split,
            "move_rows": topics.move_rows,
            "lock_topic": topics.lock,
            "unlock_topic": topics.unlock,
            "copies": self.duplicates.settings,
            "preview_duplicates": self.duplicates.preview,
            "decide_duplicates": self.duplicates.configure,
            "groups": self.duplicates.groups,
            "group": self.duplicates.group,
            "review_queue": review.queue,
            "duplicate_pair": review.pair,
            "judge": review.judge,
            "batch": review.batch,
            "judge_batch": review.judge_batch,
            "finish_plan": finish.plan,
            "finish": finish.write,
            "collapsed": self.duplicates.collapsed,
            "density_of_kept": self.duplicates.density_of_kept,
        }

    def answer(self, question: str, request: Mapping[str, object]) -> Mapping[str, object]:
        """Returns the response to a question.

        Raises:
            ValueError: there is no such question, or its request lacks a key or has an unknown one.
        """
        check_request(question, request)
        if self.context.is_outdated:
            raise ValueError(
                "This map shows an earlier state of the exploration; show it again with exploration.map()."
            )
        return self.handlers[question](request)
