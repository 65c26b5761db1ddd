"""Requests that edit: tags, pins, views and topic names, undo and redo. Each edit reaches all open maps."""

from nomic_explore.view.requests.context import MapContext
from nomic_explore.view.requests.protocol.documents import EmptyRequest, EmptyResponse, NoteResponse
from nomic_explore.view.requests.protocol.edits import (
    Annotations,
    EditTagRequest,
    NameRequest,
    PinRequest,
    RenameTopicRequest,
    SaveViewRequest,
    TagRequest,
    UntagRequest,
)


class EditRequests:
    """Makes edits.

    Args:
        context: the exploration and its map.
    """

    def __init__(self, context: MapContext) -> None:
        self._context = context

    def tag(self, request: TagRequest) -> EmptyResponse:
        """Tags some points, or the selection."""
        rows = self._context.rows(request.get("points"))
        self._context.exploration.tags.add(rows, request["name"], color=request.get("color"))
        return {}

    def untag(self, request: UntagRequest) -> EmptyResponse:
        """Removes a tag from some points, or from the selection."""
        self._context.exploration.tags.remove(self._context.rows(request.get("points")), request["name"])
        return {}

    def edit_tag(self, request: EditTagRequest) -> EmptyResponse:
        """Renames, recolors or deletes a tag."""
        exploration, name = self._context.exploration, request["name"]
        new, color = request.get("new"), request.get("color")
        if new is not None and new != name:
            exploration.tags.rename(name, new)
        if color is not None:
            exploration.tags.recolor(new or name, color)
        if request.get("delete", False):
            exploration.tags.delete(name)
        return {}

    def rename_topic(self, request: RenameTopicRequest) -> EmptyResponse:
        """Renames a topic; an empty name restores the computed one."""
        self._context.exploration.topics.rename(request["layer"], request["topic"], request["name"])
        return {}

    def pin(self, request: PinRequest) -> EmptyResponse:
        """Pins or unpins a document."""
        exploration, rows = self._context.exploration, [self._context.row(request["point"])]
        if request.get("on", True):
            exploration.pins.add(rows)
        else:
            exploration.pins.remove(rows)
        return {}

    def save_view(self, request: SaveViewRequest) -> EmptyResponse:
        """Saves a view under a name."""
        self._context.exploration.views[request["name"]] = request["view"]
        return {}

    def delete_view(self, request: NameRequest) -> EmptyResponse:
        """Deletes a saved view."""
        del self._context.exploration.views[request["name"]]
        return {}

    def undo(self, request: EmptyRequest) -> NoteResponse:
        """Undoes the last edit."""
        undone = self._context.exploration.undo()
        return {"note": f"Undone: {undone}" if undone else "Nothing to undo"}

    def redo(self, request: EmptyRequest) -> NoteResponse:
        """Makes the edit that was last undone again."""
        redone = self._context.exploration.redo()
        return {"note": f"Redone: {redone}" if redone else "Nothing to redo"}

    def refresh(self, request: EmptyRequest) -> NoteResponse:
        """Reads what other notebooks have edited."""
        return {"note": "Edits of other notebooks are shown" if self._context.exploration.refresh() else "Nothing new"}


def collect_annotations(context: MapContext) -> Annotations:
    """Returns tags, pinned documents and saved views, as the map's trait holds them."""
    exploration = context.exploration
    tags = exploration.tags.to_pandas()
    return {
        "tags": [
            {"name": name, "color": color, "size": int(size)}
            for name, color, size in zip(tags["tag"], tags["color"], tags["documents"], strict=True)
        ],
        "pinned": [context.line(int(row)) for row in exploration.pins.rows if context.point_of[row] >= 0],
        "views": [{"name": name, "view": view} for name, view in exploration.views.items()],
    }
