"""How help desk systems name the column of each fact, such as `Created` for the time of opening."""

import re
import unicodedata
from functools import lru_cache

__all__ = ["LOOKS_LIKE", "is_first_answer", "likeness"]

WHOLE = ("plan", "field", "value")  # for these facts, a pattern must match the whole header
# How systems name the columns of each fact, in the languages of the exports that we have seen.
LOOKS_LIKE = {
    "answered_at": re.compile(
        r"answer|respon|reply|replied|acknowledg|reacted|antwort|respuest|resposta|atendiment|r.pons", re.IGNORECASE
    ),
    "resolved_at": re.compile(
        r"resol|clos|solv|complet|finish|fixed|done|((?<![a-z])end|(?-i:End))(ed)?([ _]|$)|cerr|fecha[dm]|conclu"
        r"|erledigt|gel.st|gesch?lossen",
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

# Whole headers of help desks in German, French, Spanish, Polish and Lithuanian, in small letters and without accents.
# The headers that fit a fact best come first: a header for a resolution stands before a header for a closing.
HEADERS = {
    "opened_at": (
        *("erstellt", "erstellt am", "erstellungsdatum", "erstelldatum", "eroffnet", "eroffnet am", "angelegt am"),
        *("cree", "cree le", "date de creation", "ouvert le", "date d ouverture"),
        *("creado", "creada", "creado el", "fecha de creacion", "fecha de apertura"),
        *("utworzono", "utworzone", "data utworzenia", "data zgloszenia"),
        *("sukurta", "sukurtas", "sukurimo data", "sukurimo laikas"),
    ),
    "answered_at": (
        *("erste antwort", "erste antwort am", "erste reaktion", "erste reaktion am", "beantwortet am"),
        *("premiere reponse", "premiere reponse le", "date de premiere reponse"),
        *("primera respuesta", "fecha de primera respuesta"),
        *("pierwsza odpowiedz", "data pierwszej odpowiedzi"),
        *("pirmas atsakymas", "atsakyta", "pirmojo atsakymo data"),
    ),
    "resolved_at": (
        *("gelost", "gelost am", "losungsdatum", "erledigt", "erledigt am"),
        *("resolu", "resolu le", "date de resolution"),
        *("resuelto", "resuelta", "resuelto el", "fecha de resolucion"),
        *("rozwiazano", "rozwiazane", "data rozwiazania"),
        *("isspresta", "issprestas", "issprendimo data"),
        *("geschlossen", "geschlossen am", "abgeschlossen", "abgeschlossen am", "abschlussdatum"),
        *("clos le", "ferme le", "date de cloture", "date de fermeture"),
        *("cerrado", "cerrada", "cerrado el", "fecha de cierre"),
        *("zamknieto", "zamkniete", "data zamkniecia"),
        *("uzdaryta", "uzdarytas", "uzdarymo data"),
    ),
    "id": (
        *("ticket nr", "ticketnr", "ticketnummer", "ticket nummer", "vorgangsnummer", "schlussel"),
        *("no de ticket", "n de ticket", "n o de ticket", "numero de ticket", "numero du ticket", "numero"),
        *("numer zgloszenia", "numer", "id zgloszenia", "uzklausos nr", "bilieto nr", "numeris"),
    ),
    "priority": ("prioritat", "priorite", "prioridad", "priorytet", "prioritetas"),
    "kind": ("status", "zustand", "statut", "etat", "estado", "stan", "busena"),
}
FACTS_OF = {header: fact for fact, headers in HEADERS.items() for header in headers}
# A header with one of these words is for another time: a due time, or the time of a later answer.
DUE = {
    *("due", "by", "deadline", "target", "sla", "expected", "planned", "scheduled", "estimated"),
    *("fallig", "falligkeit", "frist", "echeance", "vencimiento", "limite", "plazo", "prazo", "tempo"),
    *("previsto", "prevista", "terminas"),
}
NOT_FIRST = {"last", "latest", "letzte", "letzter", "zuletzt", "derniere", "dernier", "ultima", "ultimo", "ostatnia"}
ANOTHER = {"opened_at": DUE, "answered_at": DUE | NOT_FIRST, "resolved_at": DUE, "at": DUE}
# A header with a word for an answer and one of these words is for the first answer, unless it has a word of AMOUNTS.
FIRST = {"first", "initial", "erste", "ersten", "premiere", "primera", "primeira", "pierwsza", "pierwszej", "pirmas"}
AMOUNTS = {"to", "in", "minutes", "mins", "min", "hours", "hrs", "seconds", "secs", "delay", "minuten", "stunden"}
LONGEST_COMPARED = 1_000  # a longer one fits no fact
LIKE_IN_PART = 1_000  # the rank of a header that matches a pattern: after all listed headers
LETTERS = str.maketrans("\u0142", "l")  # Unicode does not split this letter into a letter and an accent


def likeness(fact: str, header: str) -> int | None:
    """Return how well a column's header fits a fact: 0 is the best fit, and None is no fit.

    A header in HEADERS fits only the fact under which it is listed. Any other header is compared with the pattern of
    the fact.

    >>> likeness("opened_at", "ERSTELLT AM"), likeness("opened_at", "Request time"), likeness("at", "Erstellt am")
    (1, 1000, None)
    """
    if len(header) > LONGEST_COMPARED:
        return None
    plain = _plain(header)
    known = FACTS_OF.get(plain)
    if known is not None:
        return HEADERS[fact].index(plain) if known == fact else None
    pattern = LOOKS_LIKE[fact]
    found = (pattern.fullmatch if fact in WHOLE else pattern.search)(header)
    return LIKE_IN_PART if found and ANOTHER.get(fact, set()).isdisjoint(plain.split()) else None


def is_first_answer(header: str) -> bool:
    """Tell whether a column's header seems to name the time of the first answer, not only of some answer.

    >>> is_first_answer("First Response"), is_first_answer("Responsible"), is_first_answer("Time to first response")
    (True, False, False)
    """
    fits, words = likeness("answered_at", header), {*_plain(header[:LONGEST_COMPARED]).split()}
    return fits is not None and (fits < LIKE_IN_PART or bool(words & FIRST and not words & AMOUNTS))


@lru_cache(maxsize=1 << 16)  # each header is compared with each fact
def _plain(header: str) -> str:
    """Return the words of a column's header in small letters and without accents, with one blank between words."""
    letters = unicodedata.normalize("NFKD", header.casefold().translate(LETTERS))
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[^\W_]+", bare))
