"""Tasks are found by words: whatever words are mixed, what a plan leaves out is never called included."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import KOLMISOFT, Policy, PolicyError, coverage
from kolmisla.policies.services.coverage import covered_tasks, names_near
from kolmisla.policies.services.vocabulary import FILLERS, NEGATIONS
from kolmisla.policies.services.wording import kinds_of, related_to, stem, stems
from kolmisla.policies.terms.service_catalogue import Rate, Task

PLANS = ["PREMIUM", "ENTERPRISE"]


def texts(entry: Task | Rate) -> list[str]:
    also = entry.also if isinstance(entry, Task) else ()
    return [entry.name, *also, *entry.line.strip().splitlines()]


def letters(text: str) -> list[str]:
    """The words of a text, without those that say nothing; the first four letters stand for a word."""
    found = re.findall(r"\w+", text.casefold().replace("'", "").replace("re-", "re"))
    return sorted(word[:4] for word in found if word not in FILLERS.split())


def apart(plan: str) -> tuple[list[str], list[str]]:
    """The texts of what a plan includes, and of everything else."""
    includes = KOLMISOFT.plans[plan].has
    own = [task for task in KOLMISOFT.coverage.values() if includes(task)]
    others = [entry for entry in KOLMISOFT.coverage.values() if not includes(entry)]
    rest: list[Task | Rate] = [*others, *KOLMISOFT.rates.values()]
    return [text for task in own for text in texts(task)], [text for entry in rest for text in texts(entry)]


@given(st.sampled_from(PLANS), st.data())
def test_no_mix_of_words_is_included_unless_it_is_a_wording(plan: str, data: st.DataObject) -> None:
    own, others = apart(plan)
    hint = data.draw(st.sampled_from(sorted({word for text in others for word in letters_of(text)})), "a word left out")
    rest = data.draw(st.lists(st.sampled_from(sorted({word for text in own for word in letters_of(text)})), max_size=5))
    phrase = " ".join(data.draw(st.permutations([hint, *rest])))
    if coverage(phrase, plan).verdict == "included":
        assert letters(phrase) in [letters(text) for text in own]


def letters_of(text: str) -> list[str]:
    return [word for word in re.findall(r"[\w']+", text) if word.casefold() not in FILLERS.split()]


@given(st.sampled_from(PLANS), st.sampled_from(NEGATIONS.split()), st.data())
def test_a_negation_is_never_included(plan: str, negation: str, data: st.DataObject) -> None:
    words = data.draw(st.sampled_from(apart(plan)[0])).split()
    at = data.draw(st.integers(0, len(words)))
    assert coverage(" ".join([*words[:at], negation, *words[at:]]), plan).verdict != "included"


# Two words that are one stay together, as in third parties. A question for the way asks for a guide.
APART = [name for name in sorted(KOLMISOFT.coverage) if not re.search("third|3rd|Encrypt", name)]
SMALL = [word for word in FILLERS.split() if word != "how"]


@given(st.sampled_from(PLANS), st.sampled_from(APART), st.lists(st.sampled_from(SMALL), max_size=3), st.data())
def test_the_order_of_words_and_small_words_do_not_matter(
    plan: str, name: str, small: list[str], data: st.DataObject
) -> None:
    asked = " ".join(data.draw(st.permutations([*name.replace("/", " ").split(), *small])))
    answer = coverage(asked.upper(), plan)
    assert answer.verdict == coverage(name, plan).verdict
    assert name in [task.task for task in answer.tasks]


@given(st.sampled_from(PLANS), st.text())
def test_an_answer_has_one_verdict_and_one_price(plan: str, text: str) -> None:
    answer = coverage(text, plan)
    assert len({(task.verdict, task.price) for task in answer.tasks}) == bool(answer.tasks)
    assert not (answer.tasks and answer.closest)
    assert len(answer.closest) <= 3
    assert {task.task for task in answer.closest} <= {*KOLMISOFT.coverage, *KOLMISOFT.rates}


def test_words_of_one_family_have_one_stem() -> None:
    for family in (
        "configuration configurations configure configured configures configuring",
        "migrate migrating migrated migration migrations",
        "install installs installed installing installation installations",
        "create creating created creation",
        "modify modifies",
        "debug debugging debugged",
        "partition partitions partitioning",
        "patch patches",
        "pbx pbxes",
        "access accesses",
        "policy policies",
        "update updates updating updated",
    ):
        assert len({stem(word) for word in family.split()}) == 1, family
    for word in ("status", "ssl", "dns", "gas", "did"):
        assert stem(word) == word
    assert stem("server") != stem("service")


def test_two_words_may_be_one() -> None:
    assert stems("Set up Let's Encrypt, 3rd-party") == ("setup", "letsencrypt", "3rdparti")
    assert stems("set-up, re-build, IP-phones") == ("setup", "rebuild", "phon")
    assert stems("let s encrypt") == stems("lets encrypt")
    assert stems("") == stems("?!") == stems("can you do it, please") == ()


def test_a_thing_is_of_its_kinds() -> None:
    assert kinds_of("zoip") == ()
    assert kinds_of(stem("zoiper")) == (stem("softphone"), stem("telephone"))
    assert stem("zoiper") in related_to(stem("softphone"))
    assert related_to("nothing") == frozenset()


BAKERY = """
name = "Bakery desk"
timezone = "UTC"
currency = "EUR"
priorities = {}
schedules = {}
[plans.gold]
rank = 1
targets = {}
[plans.iron]
rank = 2
targets = {}
includes = ["Till updates"]
[rates.Visit]
price = "80"
per = "PT1H"
[rates."Spare parts"]
price = "depends on request"
[coverage."Oven repair"]
verdict = "included"
[coverage."Oven cleaning"]
verdict = "extra"
rate = "Visit"
also = ["Chimney sweeping"]
[coverage."Gas pipe work"]
verdict = "never"
line = "- Work on gas pipes (boilers, meters, not stoves) is not ours"
[coverage."Till updates"]
verdict = "not-included"
[coverage."Mixer replacement except motors"]
verdict = "extra"
rate = "Spare parts"
"""


@pytest.fixture(scope="module")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    path = tmp_path_factory.mktemp("desk") / "bakery.toml"
    path.write_text(BAKERY, encoding="utf-8")
    return Policy.load(path)


@pytest.mark.parametrize(
    ("phrase", "gold", "iron"),
    [
        ("oven repairs", "included", "included"),
        ("repair our oven, please", "included", "included"),
        ("fix the oven", "unknown", "unknown"),  # the oven is cleaned at a price
        ("oven", "unknown", "unknown"),
        ("clean the ovens", "extra", "extra"),
        ("sweep the chimney", "extra", "extra"),
        ("gas", "never", "never"),
        ("boiler", "never", "never"),
        ("not gas", "unknown", "unknown"),
        ("repair of the oven and the gas pipe", "unknown", "unknown"),
        ("repair", "unknown", "unknown"),
        ("update a till", "not-included", "included"),
        ("upgrade the till", "not-included", "included"),
        ("till", "not-included", "unknown"),
        ("mixer", "extra", "extra"),
        ("motor of the mixer", "unknown", "unknown"),
        ("visits", "extra", "extra"),
        ("work", "unknown", "unknown"),
        ("", "unknown", "unknown"),
        ("oven " * 60 + " ".join(f"w{n}" for n in range(60)), "unknown", "unknown"),
    ],
)
def test_a_policy_of_ones_own_is_asked_in_the_same_way(bakery: Policy, phrase: str, gold: str, iron: str) -> None:
    assert [coverage(phrase, plan, policy=bakery).verdict for plan in ("gold", "iron")] == [gold, iron]


def test_suggestions_of_a_policy_of_ones_own(bakery: Policy) -> None:
    told = [str(task) for task in coverage("repair of the oven and the gas pipe", "gold", policy=bakery).closest]
    assert told == ["Gas pipe work: never", "Oven repair: included"] or told[0] == "Gas pipe work: never"
    assert names_near("chimny", bakery) == ("Oven cleaning",)
    assert names_near("zzz", bakery) == ()
    assert [str(task) for task in covered_tasks("iron", policy=bakery)] == [
        "Oven repair: included",
        "Oven cleaning: extra, 80 EUR per started hour",
        "Gas pipe work: never",
        "Till updates: included",
        "Mixer replacement except motors: extra, depends on request",
        "Visit: extra, 80 EUR per started hour",
        "Spare parts: extra, depends on request",
    ]
    with pytest.raises(PolicyError, match="plan 'silver' is not one of gold, iron"):
        covered_tasks("silver", policy=bakery)
