"""What the registry takes as a type's name, held to the registry's own model in botocore."""

import re

import botocore.session
import pytest

from project.settings import type_name
from project.type_name import (
    EXAMPLE,
    MAX_VERSIONS,
    PATTERN,
    RESERVED_NAMESPACES,
    TypeNameError,
    check_name,
    own_names,
    refuse_reserved,
    renamed,
    spellings,
)

OWN = type_name()
ACME = "Acme::ML::Drift9"


def test_the_pattern_is_the_registrys_for_resource_types() -> None:
    model = botocore.session.Session().get_service_model("cloudformation")
    assert model.shape_for("TypeName").metadata["pattern"] == f"{PATTERN}(::MODULE){{0,1}}"


def test_the_reserved_namespaces_are_those_that_the_registry_documents() -> None:
    model = botocore.session.Session().get_service_model("cloudformation")
    prose = model.shape_for("RegisterTypeInput").members["TypeName"].documentation
    _, _, reserved = prose.partition("reserved")
    assert sorted(re.findall("<code>(.*?)</code>", reserved)) == sorted(RESERVED_NAMESPACES)


def test_the_number_of_versions_is_the_one_that_the_registry_documents() -> None:
    model = botocore.session.Session().get_service_model("cloudformation")
    prose = model.operation_model("RegisterType").documentation
    assert f"a maximum of {MAX_VERSIONS} resource extension versions" in prose


@pytest.mark.parametrize("name", [OWN, EXAMPLE, ACME, "aa::bb::cc"])
def test_a_name_of_three_parts_is_taken_as_it_is(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Acme",
        "Acme::ML",
        "Acme::ML::Drift::MODULE",
        "Acme:ML:Drift",
        "A::ML::Drift",
        "Acme::M-L::Drift",
        "Acme::ML::Drift\n",
        "../x::ML::Drift",
        f"Acme::ML::{'x' * 65}",
    ],
)
def test_a_malformed_name_is_refused_with_the_name_and_the_pattern(name: str) -> None:
    with pytest.raises(TypeNameError) as failure:
        check_name(name)
    assert repr(name) in str(failure.value)
    assert f"^{PATTERN}$" in str(failure.value)
    assert EXAMPLE in str(failure.value)


@pytest.mark.parametrize("namespace", [*RESERVED_NAMESPACES, "aws", "AMAZON"])
def test_a_reserved_namespace_is_refused_with_what_to_type(namespace: str) -> None:
    with pytest.raises(TypeNameError, match="TYPE_NAME=YourOrg::ML::Drift") as failure:
        refuse_reserved(f"{namespace}::ML::Drift")
    assert f"namespace {namespace}" in str(failure.value)


def test_a_namespace_that_only_begins_like_a_reserved_one_is_free() -> None:
    assert refuse_reserved("AwsTools::ML::Drift") == "AwsTools::ML::Drift"
    with pytest.raises(TypeNameError, match="not the name of a resource type"):
        refuse_reserved("AWS")


def test_names_of_ones_own_are_found_in_a_text_and_reserved_or_longer_ones_are_not() -> None:
    kind = "SageMaker::ModelQualityJobDefinition"
    text = f"Type: Acme::{kind}\nType: {OWN}\n'B2::{kind}' C3::{kind}2 D4::E5::{kind} Acme::{kind}"
    assert own_names(text, OWN) == {f"Acme::{kind}", f"B2::{kind}"}


def test_every_spelling_becomes_the_same_spelling_of_the_other_name() -> None:
    assert renamed("\n".join(spellings(OWN)), OWN, ACME) == "\n".join(spellings(ACME))


def test_a_name_that_holds_the_old_one_is_put_in_once() -> None:
    longer = f"{OWN}2"
    assert renamed(f"Type: {OWN}", OWN, longer) == f"Type: {longer}"
    assert renamed("\n".join(spellings(OWN)), OWN, longer) == "\n".join(spellings(longer))
