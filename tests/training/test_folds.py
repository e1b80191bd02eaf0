"""Folds, and the copies that they keep together."""

import time

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from classifier.training.folds import assign_folds, group_near_copies

WORDS = np.array([f"word{i}" for i in range(3000)])


def make_paragraph(rng, n_words=40):
    """Return a paragraph of words drawn at random."""
    return " ".join(rng.choice(WORDS, n_words))


def make_articles(rng, n_articles=20, n_paragraphs=5):
    """Return the paragraphs of each of some articles that share nothing."""
    return [
        [make_paragraph(rng) for _ in range(n_paragraphs)] for _ in range(n_articles)
    ]


def flatten(articles):
    """Return texts and article ids, ``a00`` the first, as `group_near_copies` wants."""
    texts = [text for paragraphs in articles for text in paragraphs]
    ids = [f"a{i:02}" for i, paragraphs in enumerate(articles) for _ in paragraphs]
    return texts, ids


def group_articles(articles):
    """Return the group of each article."""
    texts, ids = flatten(articles)
    found = dict(zip(ids, group_near_copies(texts, ids), strict=True))
    return list(found.values())


@given(st.integers(2, 6), st.integers(0, 99))
def test_an_article_stays_in_one_fold(n_folds, seed):
    """All paragraphs of an article share a fold, and no fold is empty."""
    rng = np.random.default_rng(seed)
    articles = [f"a{i}" for i in rng.integers(0, 30, 200)]
    labelled = rng.random((200, 3)) < 0.2

    folds = assign_folds(labelled, articles, n_folds, seed=seed)

    owners = {}
    for article, fold in zip(articles, folds.tolist(), strict=True):
        assert owners.setdefault(article, fold) == fold
    assert set(folds.tolist()) == set(range(n_folds))


def test_a_rare_issue_is_spread_over_the_folds():
    """Five articles of a rare issue go into five folds, and sizes stay even."""
    articles = [f"a{i:03}" for i in range(100) for _ in range(4)]
    labelled = np.zeros((400, 2), dtype=bool)
    labelled[:20:4, 0] = True  # one paragraph in each of the first five articles
    labelled[::3, 1] = True

    for seed in range(10):
        folds = assign_folds(labelled, articles, 5, seed=seed)
        assert sorted(folds[labelled[:, 0]].tolist()) == [0, 1, 2, 3, 4]
        sizes = np.bincount(folds)
        assert sizes.max() - sizes.min() <= 8


def test_folds_hang_on_the_seed_alone():
    """The same seed gives the same folds, another seed others."""
    articles = [f"a{i % 40}" for i in range(200)]
    labelled = np.random.default_rng(0).random((200, 2)) < 0.3

    first, again, other = (
        assign_folds(labelled, articles, 5, seed=seed) for seed in (1, 1, 2)
    )

    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_copies_share_a_fold():
    """A wire story that two papers edited stands in one fold, whatever the seed."""
    rng = np.random.default_rng(1)
    articles = make_articles(rng)
    for text in articles[3][:3]:
        words = text.upper().split()
        words[7], words[30] = "edited", "twice"
        articles[12].append(", ".join(words) + ".")
    texts, ids = flatten(articles)
    labelled = rng.random((len(texts), 2)) < 0.3

    groups = group_near_copies(texts, ids)

    assert len(set(groups)) == len(articles) - 1
    for seed in range(10):
        folds = assign_folds(labelled, groups, 5, seed=seed)
        is_copied = np.isin(ids, ["a03", "a12"])
        assert len(set(folds[is_copied].tolist())) == 1


def test_other_breaks_between_paragraphs_hide_no_copy():
    """A story is found again where two of its paragraphs were made one, or cut."""
    rng = np.random.default_rng(2)
    articles = make_articles(rng)
    first, second, third, *_ = articles[0]
    articles[1] = [f"{first} {second}", third[:120], third[120:]]

    assert group_articles(articles)[:3] == ["a00", "a00", "a02"]


def test_a_stock_sentence_groups_nothing():
    """One sentence in every article leaves every article by itself."""
    rng = np.random.default_rng(3)
    stock = make_paragraph(rng, 25)
    articles = [[*paragraphs, stock] for paragraphs in make_articles(rng)]

    groups = group_articles(articles)

    assert groups == [f"a{i:02}" for i in range(20)]


def test_short_paragraphs_are_no_copies():
    """Paragraphs of under 12 words group nothing, even where there is nothing else."""
    rng = np.random.default_rng(4)
    articles = [["We will take a few questions now", "Thank you all very much"]] * 3

    assert group_articles(articles) == ["a00", "a01", "a02"]
    assert group_articles([[make_paragraph(rng, 12)]] * 2) == ["a00", "a00"]


def test_what_is_copied_of_the_shorter_article_counts():
    """A brief out of a long report is its copy; a long report may quote a brief."""
    rng = np.random.default_rng(5)
    articles = make_articles(rng, 19, 12)
    articles.append([articles[7][0], make_paragraph(rng)])  # half of it
    articles.append([articles[8][0], *make_articles(rng, 1, 11)[0]])  # a twelfth

    groups = group_articles(articles)

    assert groups[19] == "a07"
    assert groups[20] == "a20"


def test_copies_of_copies_hang_together():
    """Articles that each copy half of the one before are one group."""
    rng = np.random.default_rng(6)
    articles = make_articles(rng, 30, 4)
    for before, after in ((20, 4), (4, 11), (11, 9), (9, 25)):
        articles[after][2:] = articles[before][:2]
        articles[after][:2] = [make_paragraph(rng) for _ in range(2)]

    groups = group_articles(articles)

    assert {groups[i] for i in (20, 4, 11, 9, 25)} == {"a04"}
    assert len(set(groups)) == 26


def test_no_group_outgrows_its_fold():
    """Articles of one mould make several groups, the closest copies in one."""
    rng = np.random.default_rng(7)
    mould = [make_paragraph(rng) for _ in range(2)]
    articles = [[*mould, *paragraphs] for paragraphs in make_articles(rng, 30, 3)]
    articles[29] = articles[2]

    groups = group_articles(articles)

    sizes = np.unique(groups, return_counts=True)[1]
    assert len(sizes) >= 5
    assert sizes.max() == 6
    assert groups[29] == groups[2]


def test_a_story_in_many_papers_is_one_group():
    """A story in forty of 200 papers, a word in thirty replaced, is found in all."""
    rng = np.random.default_rng(8)
    articles = make_articles(rng, 200, 3)
    copies = rng.choice(200, 40, replace=False)
    story = np.array([make_paragraph(rng).split() for _ in range(3)])
    for copy in copies:
        edited = np.where(rng.random(story.shape) < 1 / 30, "edited", story)
        articles[copy] = [" ".join(words) for words in edited]
    texts = [text for paragraphs in articles for text in paragraphs]
    ids = [f"{i:03}" for i, paragraphs in enumerate(articles) for _ in paragraphs]

    groups = np.array(group_near_copies(texts, ids))[::3]

    assert set(groups[copies]) == {f"{copies.min():03}"}
    assert len(set(groups.tolist())) == 161


def test_texts_without_words_group_nothing():
    """Empty paragraphs, and no paragraphs at all, are taken as they are."""
    assert group_near_copies([], []) == []
    assert group_near_copies(["", "...", ""], ["b", "a", "b"]) == ["b", "a", "b"]
    assert group_near_copies(["\ud800 x", "x"], ["a", "b"]) == ["a", "b"]


# Three sentences, so that articles often share some, and texts of all other kinds.
SENTENCES = [f"{' '.join(WORDS[i : i + 20])}." for i in (0, 100, 200)]
TEXTS = st.lists(st.sampled_from([*SENTENCES, "Short.", ""]), max_size=4).map(" ".join)


@given(
    st.lists(st.tuples(TEXTS | st.text(), st.sampled_from("abcdefghijkl"))),
    st.randoms(use_true_random=False),
)
def test_groups_are_made_of_whole_articles(paragraphs, random):
    """A group has the name of its first article, in whatever order they come."""

    def group(pairs):
        found = group_near_copies([p[0] for p in pairs], [p[1] for p in pairs])
        assert len(found) == len(pairs)
        return {(pair[1], name) for pair, name in zip(pairs, found, strict=True)}

    groups = group(paragraphs)

    assert len(groups) == len({article for _, article in paragraphs})
    for name in {name for _, name in groups}:
        assert name == min(article for article, own in groups if own == name)
    assert group(random.sample(paragraphs, len(paragraphs))) == groups


def test_a_phrase_in_all_paragraphs_takes_no_square_of_them():
    """Ten thousand times one paragraph takes seconds at most, and makes five groups."""
    start = time.perf_counter()
    texts = [make_paragraph(np.random.default_rng(9))] * 10_000

    groups = group_near_copies(texts, [f"{i:05}" for i in range(10_000)])

    # Half a second; all pairs of them would be fifty million for each run of words.
    assert time.perf_counter() - start < 10
    assert len(set(groups)) == 5
