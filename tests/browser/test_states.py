"""What there is to see when something is not there: no release, no film, nothing that passes, no answer, no map."""

from collections.abc import Callable
from pathlib import Path

from models import Registry
from tests.browser import stores
from tests.browser.explorer import Explorer, expect, get, until
from tests.serving import Running

FORMAT_1 = Path(__file__).parents[1] / "models" / "format-1"


def test_without_a_release_it_waits_for_one(
    store: Path, tmp_path: Path, run_service: Callable[..., Running], look: Callable[..., Explorer]
) -> None:
    service = run_service(tmp_path / "none", ready=False)
    explorer = look(service.url)
    explorer.guard.allow(503, r"/(models|movies|similar|catalogue|map)")
    until(explorer.page, lambda: alive(service), "the service answers")
    explorer.open("#/movie/592")
    expect(explorer.heading).to_have_text(explorer.said("errors.noRelease"))
    stores.copied(store, tmp_path / "made")
    (tmp_path / "none").mkdir(exist_ok=True)
    (tmp_path / "made" / "versions").rename(tmp_path / "none" / "versions")
    [version] = Registry(tmp_path / "none").versions()
    Registry(tmp_path / "none").promote(version)
    expect(explorer.heading).to_have_text("Batman (1989)", timeout=20_000)
    assert len(explorer.settled().ids()) == 20


def alive(service: Running) -> bool:
    try:
        return service.get("/livez") == 200
    except OSError:
        return False


def test_a_film_that_is_not_there(explorer: Explorer) -> None:
    explorer.guard.allow(404, "/(movies|similar|compare)/Batmn")
    explorer.open("#/movie/Batmn")
    expect(explorer.heading).to_have_text(explorer.said("errors.unknownMovie"))
    expect(explorer.main.get_by_text("Batmn")).to_be_visible()
    nearest = explorer.main.get_by_role("link", name="Batman (1989)")
    explorer.go("#/compare/Batmn")
    expect(nearest).to_have_attribute("href", "#/compare/592")
    explorer.page.go_back()
    expect(nearest).to_have_attribute("href", "#/movie/592")
    nearest.click()
    expect(explorer.heading).to_have_text("Batman (1989)")


def test_a_model_that_is_not_there(explorer: Explorer) -> None:
    explorer.guard.allow(404, "model=none|/models/none")
    explorer.open("#/movie/592?model=none")
    expect(explorer.main.get_by_role("heading", name=explorer.said("errors.unknownModel"))).to_be_visible()
    explorer.main.get_by_role("link", name="DeepWalk").click()
    until(explorer.page, lambda: len(explorer.ids()) == 20, "a model that is there")
    explorer.open("#/card/none")
    expect(explorer.heading).to_have_text(explorer.said("errors.unknownModel"))


def test_a_parameter_that_makes_no_sense(explorer: Explorer) -> None:
    explorer.guard.allow(422, "/similar/592")
    explorer.open("#/movie/592?diversity=7")
    expect(explorer.main.get_by_role("heading", name=explorer.said("errors.invalid"))).to_be_visible()
    expect(explorer.main.get_by_text("diversity:")).to_be_visible()
    explorer.main.get_by_role("button", name=explorer.said("film.reset")).click()
    until(explorer.page, lambda: len(explorer.ids()) == 20, "a list")


def test_filters_that_nothing_passes(explorer: Explorer) -> None:
    explorer.open("#/movie/592?genre=Western&yearFrom=1985&minLikes=290")
    expect(explorer.main.get_by_text(explorer.said("film.none"))).to_be_visible()
    assert explorer.ids() == []
    explorer.open("#/movie/592?genre=Crime&minLikes=290")
    way = explorer.main.get_by_role("button", name=explorer.said("film.loosen.minLikes"))
    total = get(explorer.base, "similar/592?genre=Crime")["total"]
    expect(way.locator("..")).to_contain_text(f"{total} films")
    way.click()
    until(explorer.page, lambda: len(explorer.ids()) == 20, "what passes without it")
    assert explorer.hash() == "#/movie/592?genre=Crime"


def test_a_service_that_fails_can_be_asked_again(explorer: Explorer) -> None:
    explorer.open("#/movie/592")
    fails = []

    def fail(route: object) -> None:
        fails.append(route)
        route.fulfill(status=500, body="<h1>proxy</h1>", content_type="text/html")  # type: ignore[attr-defined]

    explorer.guard.allow(500, "/similar/|/compare/")
    explorer.page.route("**/similar/**", fail)
    explorer.main.get_by_role("radio", name="DeepWalk").check()
    expect(explorer.main.get_by_role("heading", name=explorer.said("errors.failed", 500))).to_be_visible()
    expect(explorer.heading).to_have_text("Batman (1989)")
    assert explorer.main.get_by_text("<h1>").count() == 0
    explorer.page.unroute("**/similar/**")
    explorer.main.get_by_role("button", name=explorer.said("errors.retry")).click()
    until(explorer.page, lambda: len(explorer.ids()) == 20, "the list is there again")
    assert len(fails) == 1
    # a whole view
    explorer.page.route("**/compare/**", fail)
    explorer.main.get_by_role("link", name="Compare models").click()
    expect(explorer.heading).to_have_text(explorer.said("errors.failed", 500))
    explorer.page.unroute("**/compare/**")
    explorer.main.get_by_role("button", name=explorer.said("errors.retry")).click()
    expect(explorer.heading).to_have_text("Batman (1989)")


def test_without_a_connection(explorer: Explorer) -> None:
    explorer.open("#/movie/592")
    explorer.guard.allow(0, explorer.base)
    words = {name: explorer.said(f"errors.{name}") for name in ("offline", "silent")}
    explorer.page.context.set_offline(True)
    explorer.answers.nth(1).get_by_role("link").first.click()
    expect(explorer.heading).to_have_text(words["offline"])
    explorer.page.context.set_offline(False)
    # by itself, as it says
    expect(explorer.heading).not_to_have_text(words["offline"])
    assert len(explorer.settled().ids()) == 20
    # there is a network, but nobody answers
    explorer.page.route("**/similar/**", lambda route: route.abort("connectionrefused"))
    explorer.main.get_by_role("radio", name="DeepWalk").check()
    expect(explorer.main.get_by_role("heading", name=words["silent"])).to_be_visible()


def test_a_slow_answer_says_that_it_is_awaited(explorer: Explorer) -> None:
    explorer.open()
    waiting: list[object] = []
    explorer.page.route("**/movies/592", lambda route: waiting.append(route))
    explorer.page.evaluate("location.hash = '#/movie/592'")
    expect(explorer.main).to_have_attribute("aria-busy", "true")
    until(explorer.page, lambda: waiting, "it was asked")
    explorer.page.evaluate("location.hash = '#/movie/593'")
    expect(explorer.heading).to_have_text("Silence of the Lambs, The (1991)")
    # nobody waits for the first any more
    until(explorer.page, lambda: waiting[0].request.failure, "it is given up")  # type: ignore[attr-defined]
    expect(explorer.settled().heading).to_have_text("Silence of the Lambs, The (1991)")


def test_a_release_without_maps(
    tmp_path: Path, run_service: Callable[..., Running], look: Callable[..., Explorer]
) -> None:
    explorer = look(run_service(stores.copied(FORMAT_1, tmp_path / "old")).url)
    explorer.guard.allow(404, "/map")
    explorer.open("#/map")
    model = get(explorer.base, "models")["default"]
    expect(explorer.main.get_by_text(explorer.said("map.noMap", explorer.said("common.model", model)))).to_be_visible()
    films = get(explorer.base, "catalogue")["movieIds"]
    explorer.open(f"#/movie/{films[0]}?why={films[1]}")
    panel = explorer.main.get_by_role("region", name="Why ")
    expect(panel.get_by_role("table")).to_be_visible()
    for address in ("#/card", f"#/compare/{films[0]}", f"#/taste?likes={films[0]}"):
        explorer.open(address)
        expect(explorer.heading).to_be_visible()
