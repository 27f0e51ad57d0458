"""Google's generated client (google-cloud-run, over REST) drives the service that is there from the start.

It is the strictest judge: a field that its messages do not have fails the parse, also inside an operation.
"""

import pytest
from google.api_core import exceptions
from google.cloud import run_v2
from google.cloud.run_v2.services.revisions.transports import RevisionsRestTransport
from google.cloud.run_v2.services.services.transports import ServicesRestTransport
from google.protobuf import field_mask_pb2

from judges.clients import LOCATION, PROJECT, google_rest

PARENT = f"projects/{PROJECT}/locations/{LOCATION}"
NAME = f"{PARENT}/services/hello"
Kind = run_v2.TrafficTargetAllocationType
State = run_v2.Condition.State


@pytest.fixture(scope="module")
def services(steady):
    return google_rest(steady, run_v2.ServicesClient, ServicesRestTransport)


@pytest.fixture(scope="module")
def revisions(steady):
    return google_rest(steady, run_v2.RevisionsClient, RevisionsRestTransport)


def mask(*paths):
    return field_mask_pb2.FieldMask(paths=paths)


def patch(services, service, *paths, **more):
    """Sends the change, waits for its operation, and gives its result."""
    request = run_v2.UpdateServiceRequest(service=service, update_mask=mask(*paths), **more)
    return services.update_service(request=request).result(timeout=60)


def short(name):
    return name.rpartition("/")[2]


def shares(service):
    """Revision to percent, as served. A status that follows the newest ready revision does not name it."""
    found = {}
    for status in service.traffic_statuses:
        latest = status.type_ == Kind.TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST
        name = short(service.latest_ready_revision) if latest else status.revision
        if status.percent:
            found[name] = found.get(name, 0) + status.percent
    return found


def latest():
    return run_v2.TrafficTarget(type_=Kind.TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST, percent=100)


def pinned(revision, percent, tag=""):
    name = short(revision)
    return run_v2.TrafficTarget(
        type_=Kind.TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION, revision=name, percent=percent, tag=tag
    )


@pytest.fixture
def service(services):
    """The service, its traffic following the newest revision; put back afterwards."""
    yield services.get_service(name=NAME)
    after = services.get_service(name=NAME)
    if [target.type_ for target in after.traffic] != [Kind.TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST]:
        after.traffic = [latest()]
        patch(services, after, "traffic")


def test_what_is_there_fits_together(services, revisions, service):
    assert service.name == NAME and service.generation == service.observed_generation
    assert service.terminal_condition.state == State.CONDITION_SUCCEEDED and not service.reconciling
    assert service.latest_ready_revision == service.latest_created_revision
    assert NAME in [one.name for one in services.list_services(parent=PARENT)]
    listed = list(revisions.list_revisions(parent=NAME))
    assert listed[0].name == service.latest_created_revision and len(listed) >= 3
    assert [one.create_time for one in listed] == sorted((one.create_time for one in listed), reverse=True)
    assert revisions.get_revision(name=listed[0].name).name == listed[0].name
    assert sum(status.percent for status in service.traffic_statuses) == 100


def test_revisions_come_in_pages(revisions):
    whole = [one.name for one in revisions.list_revisions(parent=NAME)]
    request = run_v2.ListRevisionsRequest(parent=NAME, page_size=1)
    pages = list(revisions.list_revisions(request=request).pages)
    assert [one.name for page in pages for one in page.revisions] == whole and len(pages) == len(whole)


def test_a_new_template_makes_a_revision_that_takes_the_traffic(services, revisions, service):
    before = service.latest_created_revision
    service.template.labels["purpose"] = "judge"
    after = patch(services, service, "template")
    assert after.latest_ready_revision == after.latest_created_revision != before
    assert after.generation == service.generation + 1 and after.etag != service.etag
    new = revisions.get_revision(name=after.latest_created_revision)
    assert new.labels["purpose"] == "judge" and new.containers[0].image == service.template.containers[0].image
    assert shares(services.get_service(name=NAME)) == {short(after.latest_ready_revision): 100}


def test_only_what_the_mask_names_is_changed(services, service):
    image = service.template.containers[0].image
    service.template.containers[0].image = "example.com/never/used"
    service.traffic = [latest()]
    after = patch(services, service, "traffic")
    assert after.template.containers[0].image == image


def test_a_mask_that_names_nothing_known_is_refused(services, service):
    with pytest.raises(exceptions.BadRequest):
        patch(services, service, "template.flavour")


def test_a_stale_etag_is_refused(services, service):
    service.etag = '"CLv000000000000"'
    with pytest.raises(exceptions.Conflict):
        patch(services, service, "traffic")


def test_traffic_is_split_pinned_tagged_and_released(services, revisions, service):
    older = [one.name for one in revisions.list_revisions(parent=NAME) if one.name != service.latest_ready_revision][0]
    service.traffic = [pinned(service.latest_ready_revision, 75), pinned(older, 25, "before")]
    split = patch(services, service, "traffic")
    assert shares(split) == {short(service.latest_ready_revision): 75, short(older): 25}
    tagged = next(status for status in split.traffic_statuses if status.tag)
    assert tagged.tag == "before" and "before---" in tagged.uri
    # Held: a new revision takes nothing.
    split.template.labels["purpose"] = "held"
    held = patch(services, split, "template")
    assert held.latest_ready_revision != split.latest_ready_revision
    assert shares(held) == shares(split)
    held.traffic = [latest()]
    released = patch(services, held, "traffic")
    assert shares(released) == {short(held.latest_ready_revision): 100}


@pytest.mark.parametrize("percents", [[60, 30], [70, 40], [-1, 101]])
def test_traffic_that_is_not_a_hundred_is_refused(services, revisions, service, percents):
    names = [one.name for one in revisions.list_revisions(parent=NAME)]
    service.traffic = [pinned(name, percent) for name, percent in zip(names, percents)]
    with pytest.raises(exceptions.BadRequest):
        patch(services, service, "traffic")


def test_a_revision_that_is_not_there_gets_no_traffic(services, service):
    service.traffic = [pinned("hello-99999-zzz", 100)]
    with pytest.raises(exceptions.BadRequest):
        patch(services, service, "traffic")


def test_the_same_template_again_makes_no_revision(services, service):
    # This client has no parameter for a forced revision; the one made from the discovery document has.
    same = patch(services, service, "template")
    assert same.latest_created_revision == service.latest_created_revision


def test_a_name_that_is_taken_is_refused(services, service):
    service.template.revision = service.latest_created_revision.rpartition("/")[2]
    service.template.labels["purpose"] = "taken"
    with pytest.raises(exceptions.GoogleAPICallError) as refused:
        patch(services, service, "template")
    assert refused.value.code == 409


def test_asking_only_whether_it_would_do_changes_nothing(services, revisions, service):
    names = [one.name for one in revisions.list_revisions(parent=NAME)]
    service.template.labels["purpose"] = "tried"
    patch(services, service, "template", validate_only=True)
    assert [one.name for one in revisions.list_revisions(parent=NAME)] == names
    assert services.get_service(name=NAME).generation == service.generation


def test_what_is_not_there(services, revisions):
    with pytest.raises(exceptions.NotFound):
        services.get_service(name=f"{PARENT}/services/gone")
    with pytest.raises(exceptions.NotFound):
        revisions.get_revision(name=f"{NAME}/revisions/hello-99999-zzz")
    with pytest.raises(exceptions.Forbidden):
        services.get_service(name="projects/somebody-elses/locations/l/services/hello")
