"""Recipes and data sets as data: what recipe.toml and dataset.toml say. Their code is the worker's."""
