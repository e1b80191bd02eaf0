"""The compiled loop equals the sums on numpy."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_linear import ANY_TEXT, KNOWN, NEWS

from classifier.corpus.passages import Passages
from classifier.model import compiled


def test_the_compiled_loop_sums_what_numpy_sums(contextual):
    """On any texts both find the same evidence, but for the order of their sums."""
    model = contextual.linear
    compiled.evidence(model, ["Compiled before the clock of the trials starts."])

    @given(st.lists(ANY_TEXT | NEWS, max_size=8))
    def check(texts):
        found = compiled.evidence(model, texts)
        assert found.shape == (len(texts), len(model.learned))
        assert np.abs(found - model.evidence(texts)).max(initial=0) < 1e-12

    check()


def test_words_of_any_number_and_length_are_counted(contextual):
    """Fragments of more and longer words than there is room for at first."""
    model = contextual.linear
    words = [f"{name}{i}" for i in range(20_000) for name in KNOWN]
    texts = [" ".join(words), "x" * 100_000, " ".join(KNOWN * 50), ""]

    found = compiled.evidence(model, texts)

    assert np.abs(found - model.evidence(texts)).max() < 1e-9


def test_large_inputs_are_compiled_where_numba_is_installed(contextual, monkeypatch):
    """Size decides; without numba the answer is the same but for the last bits."""
    model = contextual.linear
    passages = Passages.gather(["Tariffs on steel near Taipei.", "He likes tea."])
    expected = model.predict_proba(passages)
    calls = []
    loop = compiled.evidence

    def spy(*arguments):
        calls.append(len(arguments[1]))
        return loop(*arguments)

    monkeypatch.setattr(compiled, "evidence", spy)
    model = replace(model, worth_compiling=10)
    assert model.predict_proba(passages) == pytest.approx(
        expected, abs=1e-9, nan_ok=True
    )
    assert calls == [2]

    monkeypatch.setitem(sys.modules, "classifier.model.compiled", None)
    assert np.array_equal(model.predict_proba(passages), expected, equal_nan=True)
    assert calls == [2]
