"""Errors that a user can mend, each with what, where and what to do in its message."""


class ClassifierError(Exception):
    """Base of every foreseen error of this package."""


class ArticleError(ClassifierError):
    """Raised when an article cannot be read: missing, empty, binary, undecodable."""


class MissingExtraError(ClassifierError):
    """Raised when a library is missing that an extra of the package installs."""


class ArchiveError(ClassifierError):
    """Raised when a run over an archive cannot begin or go on."""


class CodebookError(ClassifierError):
    """Raised when a codebook is missing or breaks its own rules."""


class LabelsError(ClassifierError):
    """Raised when a label set is missing or does not fit corpus and codebook."""


class WorkspaceError(ClassifierError):
    """Raised when a command needs a workspace and finds none."""


class TrainingError(ClassifierError):
    """Raised when the labels do not suffice to train anything."""


class EvaluationError(ClassifierError):
    """Raised when labelled paragraphs given for measuring cannot be used."""


class UnknownIssueError(ClassifierError):
    """Raised when an issue is named that the model or the codebook does not have."""


class ModelNotFoundError(ClassifierError):
    """Raised when a version is asked for that is not there."""


class ManifestError(ClassifierError):
    """Raised when a version's folder is damaged, altered or of a newer format."""


class ArticleWarning(UserWarning):
    """Something about an article that a reader of its tags should know."""
