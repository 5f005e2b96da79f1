"""How systems name the columns of a fact."""

import re

__all__ = ["LOOKS_LIKE"]

# How systems name the columns of a fact, in the languages of the exports that we have seen.
LOOKS_LIKE = {
    "answered_at": re.compile(
        r"answer|respon|reply|replied|acknowledg|reacted|antwort|respuest|resposta|atendiment|r.pons", re.IGNORECASE
    ),
    "resolved_at": re.compile(
        r"resol|clos|solv|complet|finish|fixed|done|end(ed)?([ _]|$)|cerr|fech|conclu|erledigt|gel.st|gesch?lossen",
        re.IGNORECASE,
    ),
    "opened_at": re.compile(
        r"open|creat|submit|report|request|start|abert|apert|cr[ei]ad|ouvert|erstellt", re.IGNORECASE
    ),
    "at": re.compile(r"time|date|when|updat|at$|data|fecha|datum", re.IGNORECASE),
    "id": re.compile(r"(^|[ _.:])(id|key|number|no|nr|ticket|case|incident|clave|#)($|[ _.:#])|#$|id$", re.IGNORECASE),
    "priority": re.compile(r"priorit|prioridad|urgenc|severity|wichtig", re.IGNORECASE),
    "plan": re.compile(r"(support.?)?plan|sla([ _.]name)?|contract|service.?level|tier", re.IGNORECASE),
    "kind": re.compile(r"status|state|activit|event|action|estado|stato|^concept:name", re.IGNORECASE),
    "field": re.compile(r"field([ _]?name)?|attribute|property|transaction.?type", re.IGNORECASE),
    "value": re.compile(r"(new.?)?value|to|to.?string|added", re.IGNORECASE),
}
