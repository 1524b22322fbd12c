"""Recipes and data sets as data: the content of recipe.toml and dataset.toml. Their code belongs to the worker."""
