"""Labels to a model: the only place that imports scikit-learn."""
