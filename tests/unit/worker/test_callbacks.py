"""Live points, stopping, and what a diverging loss does."""

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.callbacks import MAX_POINTS, Plan, PointKeeper
from worker.channel import ConsoleChannel, JobSpec, TrainingCancelled
from worker.checkpoint import Progress
from worker.recipes import default_hyperparameters
from worker.runner import outcome, train


def feed(plan: Plan, losses: list[float], shuffled: random.Random | None = None):
    """Give a keeper Keras's running means of these batch losses (of the epochs from plan.initial_epoch on)."""
    keeper = PointKeeper(plan)
    filed = []
    total = seen = 0.0
    for step, loss in enumerate(losses, start=plan.first_step):
        if (step - 1) % plan.steps_per_epoch == 0:
            total = seen = 0.0
        total += loss * batch_size(plan, step)
        seen += batch_size(plan, step)
        if keeper.is_kept(step):
            filed.append((step, {"loss": total / seen}))
    if shuffled:
        shuffled.shuffle(filed)
    points = []
    for step, metrics in filed:
        keeper.add(step, metrics)
        points.extend(keeper.take())
    return points


def batch_size(plan: Plan, step: int) -> int:
    used = (step - 1) % plan.steps_per_epoch * plan.batch_size
    return min(plan.batch_size, plan.examples - used)


@settings(deadline=None)
@given(
    examples=st.integers(1, 300), batch=st.integers(1, 40), epochs=st.integers(1, 12), seed=st.integers(0, 99)
)
def test_points_are_in_order_few_and_start_with_the_first_step(examples, batch, epochs, seed):
    plan = Plan(examples=examples, batch_size=batch, epochs=epochs)
    losses = [1.0] * (plan.steps_per_epoch * epochs)
    points = feed(plan, losses, random.Random(seed))
    steps = [point.step for point in points]
    assert steps == sorted(set(steps)) and steps[0] == 1
    assert len(points) <= MAX_POINTS + 1
    assert steps[-1] > len(losses) - PointKeeper(plan).stride
    assert all(point.epoch == (point.step - 1) // plan.steps_per_epoch + 1 for point in points)
    assert all(point.metrics["loss"] == pytest.approx(1.0) for point in points)


def test_a_point_is_the_mean_of_the_batches_since_the_last_one_also_when_they_arrive_out_of_order():
    plan = Plan(examples=95, batch_size=10, epochs=2)
    losses = [float(number) for number in range(20)]
    points = feed(plan, losses, random.Random(3))
    assert [point.metrics["loss"] for point in points] == pytest.approx(losses)


def test_long_jobs_are_thinned_evenly():
    plan = Plan(examples=20_000, batch_size=1, epochs=2)
    points = feed_sparse(plan)
    assert len(points) == MAX_POINTS + 1
    assert {later.step - earlier.step for earlier, later in pairwise(points[1:])} == {40}


def feed_sparse(plan: Plan):
    keeper = PointKeeper(plan)
    for step in range(1, plan.epochs * plan.steps_per_epoch + 1):
        if keeper.is_kept(step):
            keeper.add(step, {"loss": 1.0})
    return keeper.take()


def test_a_resumed_job_keeps_the_same_steps():
    whole = Plan(examples=1_000, batch_size=1, epochs=7)
    resumed = Plan(examples=1_000, batch_size=1, epochs=7, initial_epoch=3)
    kept = [point.step for point in feed_sparse(whole) if point.epoch > 3]
    keeper = PointKeeper(resumed)
    for step in kept:
        assert keeper.is_kept(step)
        keeper.add(step, {"loss": 1.0})
    assert [point.step for point in keeper.take()] == kept


def test_after_an_explosion_the_rounding_of_large_sums_is_not_shown_as_a_loss():
    plan = Plan(examples=100, batch_size=1, epochs=1)
    keeper = PointKeeper(plan)
    keeper.add(1, {"loss": 3e8})
    keeper.add(2, {"loss": 1.5e8})  # the true loss of the second batch is lost in float32
    keeper.add(3, {"loss": 1e8})
    assert all(point.metrics["loss"] >= 1e8 for point in keeper.take())


def test_an_exploding_job_succeeds_as_diverged(train_sample):
    channel = train_sample(
        "mnist-mlp", epochs=6, learning_rate=10.0, scale_pixels=False, units=32, batch_size=8, depth=8
    )
    assert channel.report["outcome"] == "diverged"
    assert channel.report["metrics"]["test_loss"] is None
    assert len(channel.epochs) < 6, "training ends at the first loss that is not finite"
    assert channel.epochs[-1].metrics["loss"] is None
    assert any("no longer a finite number" in line for line in channel.lines)
    assert {"model.keras", "model.tflite"} <= set(channel.artefacts)


@pytest.mark.parametrize(
    ("progress", "expected"),
    [
        (Progress(initial_loss=2.3, final_loss=0.1), "completed"),
        (Progress(initial_loss=2.3, final_loss=2.4), "completed"),
        (Progress(initial_loss=2.3, final_loss=23.1), "diverged"),
        (Progress(initial_loss=2.3, final_loss=None, diverged=True), "diverged"),
    ],
)
def test_a_loss_that_ends_ten_times_higher_counts_as_diverged(progress, expected):
    assert outcome(progress) == expected


class Impatient(ConsoleChannel):
    """Requests a stop after this many calls."""

    questions = 0

    def should_stop(self) -> bool:
        self.questions += 1
        return self.questions > 5


def test_a_job_stops_at_the_next_batch_when_asked():
    hyperparameters = default_hyperparameters("mnist-mlp", batch_size=1)
    channel = Impatient(JobSpec("job", 1, "mnist-mlp", hyperparameters))
    with pytest.raises(TrainingCancelled):
        train(channel, sample=200)
    assert channel.questions == 6
    assert channel.report is None and not channel.epochs
    assert max((point.step for point in channel.live), default=0) <= 5


def test_a_whole_number_is_a_learning_rate_too():
    """A form may give 3 for 3.0, and a stored job may lack settings that its recipe got later."""
    hyperparameters = default_hyperparameters("mnist-mlp") | {"learning_rate": 3, "epochs": 1}
    del hyperparameters["dropout"]
    channel = ConsoleChannel(JobSpec("job", 1, "mnist-mlp", hyperparameters))
    train(channel, sample=100)
    assert channel.report["outcome"] in ("completed", "diverged")


def test_points_are_finite_or_none(train_sample):
    channel = train_sample(
        "mnist-mlp", epochs=1, learning_rate=10.0, scale_pixels=False, batch_size=4, depth=8
    )
    values = [value for point in channel.live for value in point.metrics.values()]
    assert values and all(value is None or math.isfinite(value) for value in values)
