"""HTTP infrastructure: error pages, forms, templates, assets, slots. It knows no feature."""
