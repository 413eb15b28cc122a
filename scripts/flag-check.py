"""Asks a running server for feature flags by the official SDK of OpenFeature and its provider of OFREP, both as they are."""

import sys

import requests
from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import Reason

address, token = sys.argv[1:]
headers = {"Authorization": f"Bearer {token}"}


def make(key, kind, variants, **more):
    flag = {"key": f"sdk.{key}", "kind": kind, "variants": variants, **more}
    answer = requests.post(f"{address}/api/v1/flags", json=flag, headers=headers, timeout=30)
    assert answer.status_code == 201, answer.text


def given(found):
    return found.value, found.variant, found.reason


swiss = {"conditions": [{"attribute": "country", "operator": "in", "values": ["CH"]}], "variant": "on"}
half = {"split": [{"variant": "on", "percent": "50"}]}
make("boolean", "boolean", {"on": True, "off": False}, rules=[swiss])
make("part", "boolean", {"on": True, "off": False}, rules=[half])
make("killed", "boolean", {"on": True, "off": False}, default_variant="on", off_variant="off", enabled=False)
make("text", "string", {"off": "grün"})
make("whole", "number", {"off": 7})
make("decimal", "number", {"off": 1.5})
make("object", "json", {"off": {"deep": [1, {"a": None}]}})

api.set_provider(OFREPProvider(address, headers_factory=lambda: headers))
client = api.get_client()
ada = EvaluationContext(targeting_key="ada", attributes={"country": "CH", "age": 36})
bob = EvaluationContext(targeting_key="bob", attributes={"country": "DE"})

boolean = client.get_boolean_details
assert given(boolean("sdk.boolean", False, ada)) == (True, "on", Reason.TARGETING_MATCH)
assert given(boolean("sdk.boolean", True, bob)) == (False, "off", Reason.DEFAULT)
assert given(boolean("sdk.boolean", True)) == (False, "off", Reason.DEFAULT)
assert given(boolean("sdk.killed", True, ada)) == (False, "off", Reason.DISABLED)
assert given(client.get_string_details("sdk.text", "", ada)) == ("grün", "off", Reason.STATIC)
assert given(client.get_integer_details("sdk.whole", 0, ada)) == (7, "off", Reason.STATIC)
assert given(client.get_float_details("sdk.decimal", 0.0, ada)) == (1.5, "off", Reason.STATIC)
assert client.get_object_value("sdk.object", {}, ada) == {"deep": [1, {"a": None}]}

people = [EvaluationContext(targeting_key=f"user-{number}") for number in range(200)]
parts = [boolean("sdk.part", False, person) for person in people]
assert 60 <= sum(part.value for part in parts) <= 140, "half of the people, more or less"
assert all(part.reason in (Reason.SPLIT, Reason.DEFAULT) for part in parts)
assert [part.value for part in parts] == [boolean("sdk.part", False, person).value for person in people]

missing = boolean("sdk.none", True, ada)
assert (missing.value, missing.error_code, missing.reason) == (True, ErrorCode.FLAG_NOT_FOUND, Reason.ERROR)
wrong = client.get_string_details("sdk.boolean", "default", ada)
assert (wrong.value, wrong.error_code) == ("default", ErrorCode.TYPE_MISMATCH)
api.set_provider(OFREPProvider(address, headers_factory=lambda: {"Authorization": "Bearer nonsense"}))
assert (client.get_boolean_details("sdk.boolean", True, ada).error_code) == ErrorCode.GENERAL
print("an OpenFeature SDK gets its flags")
