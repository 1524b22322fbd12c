import importlib.util
from threading import Barrier, Thread

import pytest

from app.accounts import passwords
from app.accounts.passwords import hash_password, is_common, verify_password
from app.accounts.service import name_key


def test_a_hash_fits_its_password_only() -> None:
    hashed = hash_password("a sentence of my own")
    assert verify_password("a sentence of my own", hashed)
    assert not verify_password("a sentence of my owm", hashed)
    assert not verify_password("", hashed)


def test_a_hash_costs_what_argon2id_is_recommended_to_cost() -> None:
    """In a module of its own: that of the tests hashes quickly."""
    spec = importlib.util.find_spec("app.accounts.passwords")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.hash_password("a sentence of my own").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_equal_passwords_have_different_hashes() -> None:
    assert hash_password("a sentence of my own") != hash_password("a sentence of my own")


def test_long_passwords_count_to_their_last_letter() -> None:
    hashed = hash_password("x" * 100 + "a")
    assert not verify_password("x" * 100 + "b", hashed)


@pytest.mark.parametrize(
    "password", ["password", "12345678", "qwertyuiop", "iloveyou", "PassWord1", "11111111"]
)
def test_common_passwords_are_known_in_any_case(password: str) -> None:
    assert is_common(password)


def test_a_sentence_is_not_common() -> None:
    assert not is_common("a sentence of my own")


def test_no_more_than_two_hashes_are_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes tens of megabytes: a class that signs in together must not fill the memory."""
    busy, most = [], []
    # The first two wait for each other inside, so that two at once are certain, and a third would be detected.
    both_inside = Barrier(2)

    def slow(password: str) -> str:
        busy.append(1)
        most.append(len(busy))
        both_inside.wait(10)
        busy.pop()
        return "-"

    monkeypatch.setattr(passwords._hasher, "hash", slow)
    threads = [Thread(target=hash_password, args=("x",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 2


@pytest.mark.parametrize(
    ("one", "other"), [("Hao", "hAO"), ("Ｈａｏ", "hao"), ("ﬁ", "fi"), ("straße", "STRASSE")]
)
def test_names_that_look_alike_have_one_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


def test_names_that_differ_have_different_keys() -> None:
    assert name_key("郝") != name_key("好")
