"""The vendors' clients, pointed at an address. Keys are fake."""

import boto3
import botocore.config
import google.auth.credentials
import googleapiclient.discovery

REGION = "eu-central-1"
CLUSTER = "hello"
PROJECT, LOCATION = "acme-local", "europe-west1"


def aws(place, service):
    """A boto3 client that makes one attempt, so that a refusal is seen and not retried away."""
    return boto3.client(
        service,
        endpoint_url=place.url,
        region_name=REGION,
        aws_access_key_id=place.environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=place.environment["AWS_SECRET_ACCESS_KEY"],
        config=botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=30),
    )


class Bearer(google.auth.credentials.Credentials):
    """A token that never has to be renewed."""

    def __init__(self):
        super().__init__()
        self.token = "stand-in-access-token"

    @property
    def expired(self):
        return False

    @property
    def valid(self):
        return True

    def refresh(self, request):
        raise AssertionError("there is nothing to renew")


def google_api(place, name, version):
    """A client of google-api-python-client, made from its own copy of the discovery document."""
    return googleapiclient.discovery.build(
        name,
        version,
        credentials=Bearer(),
        static_discovery=True,
        client_options={"api_endpoint": place.url},
        num_retries=0,
    )


def google_rest(place, client, transport):
    """A client of Google's generated libraries over REST."""
    return client(transport=transport(host=place.address, url_scheme="http", credentials=Bearer()))
