"""Growth: what a diff says of totals that are numbers, of totals over symbols, and of texts that are neither."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convshape.comparing.growth import growth

SAID = {
    ("618", "1386"): "+768, +124.3%",
    ("0", "7"): "+7",
    ("100*N", "200*N"): "+100.0%",
    ("16*(H//2 - 1)", "32*(H//2 - 1)"): "+100.0%",
    ("max(3*N, H*N + 7)", "max(N, 2*H*N)"): "+100.0% for large sizes",
    ("6*N*(L - 2)", "10*N*(L - 4)"): "+66.7% for large sizes",
    ("20*L*N - 32*N", "20*L*N - 64*N"): "unchanged for large sizes",
    ("N - min(N, 4)", "N"): "unchanged for large sizes",
    ("4*N + 100", "4*N + 90"): "-10",
    ("61_706*N", "61706*N"): "unchanged",
    ("N", "0"): "-100.0%",
    ("0", "N"): "",
    ("H*N", "N"): "",  # the share depends on the size
    ("100*N", "200"): "",
}
NO_TOTALS = (
    "",
    "rubbish((",
    "max",
    "max()",
    "max(1, 2)(3)",
    "len(N)",
    "N//0",
    "1//(N - N)",
    "'a'",
    "x.y",
    "2**N",
    "N**9**9",
)


@pytest.mark.parametrize("texts", SAID)
def test_growth_is_told(texts: tuple[str, str]) -> None:
    """A number is told with its share; of symbols the share alone, where it settles."""
    assert growth(*texts) == SAID[texts]


@pytest.mark.parametrize("text", NO_TOTALS)
def test_what_is_no_total_has_no_growth(text: str) -> None:
    """A lock that a hand has written is compared as text."""
    assert growth(text, "100*N") == ""
    assert growth("100*N", text) == ""


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_factor_is_the_same_at_every_size(one: int, other: int) -> None:
    """Where one total is a multiple of another, the share is that of the factors."""
    told = growth(f"{one}*N*(H//2 - 1)", f"{other}*N*(H//2 - 1)")
    assert told == ("unchanged" if abs(other / one - 1) < 1e-4 else f"{other / one - 1:+.1%}")
