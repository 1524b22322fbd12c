import os
from collections.abc import Callable, Iterator

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from app.core.config import ROOT, get_settings
from tests.forks import Runner, started_runner
from worker.channel import ConsoleChannel, JobSpec
from worker.recipes import default_hyperparameters


@pytest.fixture(scope="package", autouse=True)
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A folder of their own, with the data sets that script/setup has prepared; test_datasets.py prepares them anew."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "datasets").symlink_to(ROOT / "var" / "datasets")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOPHORA_DATA_DIR", str(folder))
        get_settings.cache_clear()
        yield
    get_settings.cache_clear()


@pytest.fixture(scope="package")
def train_sample(data_dir: None) -> Callable[..., ConsoleChannel]:
    """Train a recipe on a small sample in this process; returns the channel with all that the run reported."""
    import keras

    from worker.runner import train

    def run(recipe: str, *, sample: int = 200, **overrides) -> ConsoleChannel:
        hyperparameters = default_hyperparameters(recipe, **overrides)
        channel = ConsoleChannel(JobSpec(id="job", attempt=1, recipe=recipe, hyperparameters=hyperparameters))
        # A job has a process of its own. In one that has trained before, Keras numbers the layers on, and the graph of other names
        # may add up in another order.
        keras.backend.clear_session()
        train(channel, sample=sample)
        return channel

    return run


@pytest.fixture(scope="package")
def runner() -> Iterator[Runner]:
    """For notebooks: they need nothing of Sophora, and a process of their own."""
    with started_runner() as runner:
        yield runner
