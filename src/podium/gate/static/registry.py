"""The rules there are. Raise `RULES_VERSION` when one comes to judge differently: what was seen before is then seen anew."""

from podium.gate.static import (
    conftests,
    manifests,
    source_python,
    source_text,
    suppressions,
    surroundings,
    tests_python,
    tests_text,
)
from podium.gate.static.base import Rule
from podium.gate.static.secrets import secrets

RULES_VERSION = 1

TAMPER_RULES: tuple[Rule, ...] = (
    tests_python.changed_tests,
    tests_text.changed_tests,
    tests_text.tests_that_rule,
    conftests.new_conftests,
    conftests.new_helpers,
    surroundings.files_that_judge,
    surroundings.kinds_of_files,
    surroundings.files_that_run_unasked,
    manifests.manifests,
    source_python.conduct_of_product,
    source_python.conduct_of_tests,
    source_text.conduct_of_others,
    suppressions.suppressions,
    suppressions.characters,
)
SECRET_RULES: tuple[Rule, ...] = (secrets,)
