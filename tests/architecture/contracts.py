"""A contract of import-linter that takes the features from `app.features`, so that no other list names them."""

from typing import Any

from importlinter.contracts.layers import LayersContract

from app.features import FEATURES, FLOORS


class FeatureLayers(LayersContract):
    """As `layers`, with the floors of the features where "<floors>" stands, and every feature where "<features>" does."""

    def __init__(self, name: str, session_options: dict[str, Any], contract_options: dict[str, Any]) -> None:
        floors = [" | ".join(feature.name for feature in floor) for floor in FLOORS]
        folders = [f"app.{feature.name}" for feature in FEATURES]
        options = {
            **contract_options,
            "layers": _replaced(contract_options["layers"], "<floors>", floors),
            "containers": _replaced(contract_options["containers"], "<features>", folders),
        }
        super().__init__(name, session_options, options)


def _replaced(options: list[str], word: str, by: list[str]) -> list[str]:
    return [name for option in options for name in (by if option == word else [option])]
