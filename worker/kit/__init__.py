"""The API for authors of recipes: data, data sets, reports, figures."""
