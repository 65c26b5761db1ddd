"""The questions a map may ask: the name of each, what is sent with it and what comes back.

Names and keys are those of the JavaScript. Points are places in the map's arrays, rows are rows of the input; a topic is
given by its layer, 0 the coarsest, and its number. A value of type `bytes` travels as a buffer, all others as JSON.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from nomic_explore.view.requests.protocol import (
    column_filters,
    documents,
    duplicates,
    edits,
    search,
    selection,
    table,
    topics,
)


class Question(NamedTuple):
    """The types of a question's request and of its response, both TypedDicts."""

    request: Any
    response: Any


def check_request(question: str, request: Mapping[str, object]) -> None:
    """Checks that a request holds the keys of its question and no others.

    Raises:
        ValueError: there is no such question, or a key is missing or unknown.

    Example:
        >>> check_request("groups", {"show": "review"})
        >>> check_request("describe", {})
        Traceback (most recent call last):
        ValueError: describe without point; expected point.
    """
    if question not in QUESTIONS:
        raise ValueError(f"This map cannot answer {question!r}.")
    kind = QUESTIONS[question].request
    known = [*kind.__annotations__]
    missing = [key for key in known if key in kind.__required_keys__ and key not in request]
    unknown = [key for key in request if key not in known]
    if missing or unknown:
        wrong = f"without {', '.join(missing)}" if missing else f"with {', '.join(unknown)}"
        raise ValueError(f"{question} {wrong}; expected {', '.join(known) or 'nothing'}.")


QUESTIONS: dict[str, Question] = {
    "describe": Question(documents.PointRequest, documents.DescribeResponse),
    "read": Question(documents.PointRequest, documents.ReadResponse),
    "columns": Question(column_filters.ColumnsRequest, column_filters.ColumnsResponse),
    "filter_counts": Question(column_filters.FilterCountsRequest, column_filters.FilterCountsResponse),
    "rows": Question(documents.PointsRequest, documents.RowsResponse),
    "export": Question(documents.ExportRequest, documents.ExportResponse),
    "subset": Question(documents.SubsetRequest, documents.NoteResponse),
    "table": Question(table.TableRequest, table.TableResponse),
    "export_table": Question(table.ExportTableRequest, documents.ExportResponse),
    "search": Question(search.SearchRequest, search.HitsResponse),
    "like": Question(search.MoreLikeRequest, search.HitsResponse),
    "members": Question(search.MembersRequest, search.MembersResponse),
    "describe_selection": Question(documents.EmptyRequest, selection.SelectionResponse),
    "tag": Question(edits.TagRequest, documents.EmptyResponse),
    "untag": Question(edits.UntagRequest, documents.EmptyResponse),
    "edit_tag": Question(edits.EditTagRequest, documents.EmptyResponse),
    "rename_topic": Question(edits.RenameTopicRequest, documents.EmptyResponse),
    "pin": Question(edits.PinRequest, documents.EmptyResponse),
    "save_view": Question(edits.SaveViewRequest, documents.EmptyResponse),
    "delete_view": Question(edits.NameRequest, documents.EmptyResponse),
    "undo": Question(documents.EmptyRequest, documents.NoteResponse),
    "redo": Question(documents.EmptyRequest, documents.NoteResponse),
    "refresh": Question(documents.EmptyRequest, documents.NoteResponse),
    "topic_shares": Question(documents.EmptyRequest, topics.TopicSharesResponse),
    "topic_card": Question(topics.TopicRequest, topics.TopicCardResponse),
    "compare_topics": Question(topics.CompareTopicsRequest, topics.CompareTopicsResponse),
    "merge_topics": Question(topics.MergeTopicsRequest, documents.NoteResponse),
    "split_topic": Question(topics.SplitTopicRequest, documents.NoteResponse),
    "move_rows": Question(topics.TopicRequest, documents.NoteResponse),
    "lock_topic": Question(topics.TopicRequest, documents.EmptyResponse),
    "unlock_topic": Question(topics.TopicRequest, documents.EmptyResponse),
    "copies": Question(documents.EmptyRequest, duplicates.DuplicateSettingsResponse),
    "preview_duplicates": Question(duplicates.PreviewDuplicatesRequest, duplicates.PreviewDuplicatesResponse),
    "decide_duplicates": Question(duplicates.DecideDuplicatesRequest, documents.EmptyResponse),
    "groups": Question(duplicates.ListRequest, duplicates.GroupsResponse),
    "group": Question(duplicates.GroupRequest, duplicates.GroupResponse),
    "review_queue": Question(duplicates.ListRequest, duplicates.ReviewQueueResponse),
    "duplicate_pair": Question(duplicates.DuplicatePairRequest, duplicates.DuplicatePairResponse),
    "judge": Question(duplicates.JudgeRequest, documents.NoteResponse),
    "batch": Question(duplicates.ReviewFilter, duplicates.BatchResponse),
    "judge_batch": Question(duplicates.JudgeBatchRequest, documents.NoteResponse),
    "finish_plan": Question(documents.EmptyRequest, duplicates.FinishPlanResponse),
    "finish": Question(duplicates.FinishRequest, duplicates.FinishResponse),
    "collapsed": Question(documents.EmptyRequest, duplicates.CollapsedResponse),
    "density_of_kept": Question(documents.EmptyRequest, duplicates.DensityResponse),
}
