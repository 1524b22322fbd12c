"""HTTP for all features: errors as pages, forms, templates, assets, slots. It knows none of them."""
