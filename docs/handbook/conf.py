"""The handbooks as a site: `script/handbook` builds it into var/handbook."""

project = "Sophora"
copyright = "the Sophora contributors"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "Sophora: handbooks"
html_copy_source = False
html_show_sphinx = False
# The fonts of the reader's machine: nothing is fetched from elsewhere.
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#2b6b3c", "color-brand-content": "#2b6b3c"}
}
myst_heading_anchors = 3
nitpicky = True
