"""Values cross between judge and host as strict JSON, and arrive as what they were."""

import json
import math
from decimal import Decimal

import pytest

from sessionlab.grader.values import Foreign, decode, encode


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, [1.5, (math.inf, {"a": math.inf})]])
def test_a_number_that_json_does_not_have_crosses(value):
    """What a callable was given stands in the trace, and so in a document that every JSON reader must take."""
    text = json.dumps(encode(value), allow_nan=False)
    assert repr(decode(json.loads(text))) == repr(value)


def test_a_signalling_nan_does_not_cross():
    """It raises wherever it is compared, and the judge compares."""
    arrived = decode(encode(Decimal("sNaN")))
    assert isinstance(arrived, Foreign)
    assert arrived != 3


def test_a_decimal_crosses():
    """Every other decimal arrives as itself."""
    assert decode(encode(Decimal("1.50"))) == Decimal("1.50")
