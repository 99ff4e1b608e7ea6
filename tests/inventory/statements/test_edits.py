"""Words of other databases: what DuckDB is given, and what it then answers."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.statements.edits import edited

DATADOG = "(SELECT MAP {'team': 'ml', 'a.b/c': 'x', 'region': 'us-east-1'} AS tags)"
STACKQL = """(SELECT
    '[{"Key": "team", "Value": "ml"}]'::JSON AS tags,
    '{"a": {"b": "c", "list": [1, "two"]}, "d": "e"}'::JSON AS o,
    'arn' AS job_definition_arn
)"""


def answer(expression: str, table: str) -> object:
    [(value,)] = duckdb.connect().execute(edited(f"SELECT {expression} FROM {table} d")).fetchall()
    return value


@pytest.mark.parametrize(
    "expression",
    [
        "tags->'team' = 'ml'",
        "tags->>'team' = 'ml'",
        "'ml' = d.tags -> 'team'",
        "\"Tags\"->'team' IN ('ml', 'web')",
        "NOT tags->'team' <> 'ml' AND tags->'region' LIKE 'us-%'",
        "tags->'a.b/c' = 'x'",
        "tags->'nobody' IS NULL",
        "tags['team'] = 'ml'",
    ],
)
def test_tags_are_asked_for_as_datadog_documents_it(expression: str) -> None:
    assert answer(expression, DATADOG) is True


@pytest.mark.parametrize(
    "expression",
    [
        "o->>'d' = 'e'",
        "o->'a'->>'b' = 'c'",
        "d.o->'a'->>'b' = 'c' AND 'c' = o->'a'->>'b'",
        "o->'a'->'list'->>1 = 'two'",
        "o->'a'->'list'->>-1 = 'two'",
        "o['a']->>'b' = 'c'",
        "(o->'a')->>'b' = 'c'",
        "o::VARCHAR::JSON->>'d' = 'e'",
        "json_extract(o, 'a')->>'b' = 'c'",
        "first(o) FILTER (WHERE (true))->>'d' = 'e'",
        "first(o) OVER (ORDER BY o->>'d')->>'d' = 'e'",
        "'{\"a\": 1}'->>'a' = '1'",
        "'{\"a\": 1}'::JSON /* -> */ ->> -- ->\n $$a$$ = '1'",
        "NOT (o)->>'d' = 'x'",
        "1 IN (1) AND true OR o->>'d' = 'x'",
        "o->>'d' BETWEEN 'a' AND 'f'",
        "tags->0->>'Key' = 'team'",
        "tags->>'$[0].Key' = 'team'",
        "tags->'$[0].Key' = '\"team\"'::JSON",
        "tags->'team' IS NULL",
        "data__Identifier = 'arn' AND d.\"DATA__IDENTIFIER\" = 'arn'",
        "list_filter([o], lambda x: x->>'d' = 'e') = [o]",
        "CASE WHEN o->>'d' = 'e' THEN o->>'d' END = 'e'",
    ],
)
def test_members_of_json_are_asked_for_as_in_postgres(expression: str) -> None:
    assert answer(expression, STACKQL) is True


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 'data__Identifier', \"a data__Identifier\", $$data__Identifier$$",
        "SELECT 1 /* data__Identifier */ -- data__Identifier",
        "SELECT 'tags->''team''', \"tags->'team'\", e'\\'tags->\\'a', /* tags->'a' */ 1",
        "SELECT list_transform([1], x -> x + 1), list_filter(l, (x, i) -> i > 1)",
        "SELECT list_transform([1], lambda x: x + 1)",
        "SELECT CASE WHEN a THEN b END -> 'c'",
        "SELECT a->b, data__Identifiers, x.data__Identifier2, a - 1 > 2",
        "SELECT '>' -- ->\n, a",
    ],
)
def test_everything_else_is_left_as_it_is(text: str) -> None:
    assert edited(text) == text


OPERANDS = ["o", "d.o", 'd."o->"', "f(o->b, ')')", "(a)::JSON", "o['x'].y[1]", "a.b(c).d", "'{}'"]
BETWEEN = ["", " ", "\n", " /* -> 'a' ( */ ", " -- it's\n"]


@st.composite
def comparisons(draw: st.DrawFn) -> tuple[str, str]:
    """A comparison as a user may write it, and as DuckDB is to read it."""
    literals = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
    chain = draw(st.sampled_from(OPERANDS))
    for _ in range(draw(st.integers(1, 3))):
        literal = "'{}'".format(draw(literals).replace("'", "''"))
        space = draw(st.sampled_from(BETWEEN))
        chain += f"{space}{draw(st.sampled_from(['->', '->>']))}{space}{literal}"
    other = "'{}'".format(draw(literals).replace("'", "''"))
    return f"{chain} = {other}", f"({chain}) = {other}"


@given(st.lists(comparisons(), min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_chains_get_parentheses_whatever_their_literals_hold(
    conditions: list[tuple[str, str]],
) -> None:
    written, read = (" AND NOT ".join(each) for each in zip(*conditions, strict=True))
    assert edited(f"SELECT {written}") == f"SELECT {read}"
    duckdb.extract_statements(f"SELECT {read}")
