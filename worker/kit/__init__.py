"""What the authors of recipes import: data, data sets, reports, figures."""
