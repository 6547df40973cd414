#!/usr/bin/env python3
"""Makes, reads and lists enrollment tokens with Microsoft's own clients, unchanged, against a sandbox.

    graph-sandbox --tls-directory tls --port 8443 &
    pip install --requirement requirements.txt
    SANDBOX_URL=https://localhost:8443 SSL_CERT_FILE=tls/ca.pem REQUESTS_CA_BUNDLE=tls/ca.pem python3 mint.py

azure-identity gets the access token, msgraph-beta-sdk calls Graph. Only the addresses differ from a real tenant: without
SANDBOX_URL the clients go to Microsoft's, for a sandbox that was given those names. The other credentials are tried where the
environment names them as azure-identity's users do: AZURE_CLIENT_CERTIFICATE_PATH, AZURE_FEDERATED_TOKEN_FILE, IDENTITY_ENDPOINT.
"""

import asyncio
import os
import sys

from azure.identity import CertificateCredential as BlockingCertificateCredential
from azure.identity.aio import (
    CertificateCredential,
    ClientSecretCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph_beta import GraphRequestAdapter, GraphServiceClient
from msgraph_beta.generated.device_management.android_device_owner_enrollment_profiles.item.create_token.create_token_post_request_body import (
    CreateTokenPostRequestBody as DeviceOwnerBody,
)
from msgraph_beta.generated.device_management.android_for_work_enrollment_profiles.item.create_token.create_token_post_request_body import (
    CreateTokenPostRequestBody as ForWorkBody,
)
from msgraph_beta.generated.models.o_data_errors.o_data_error import ODataError

SANDBOX_URL = os.environ.get("SANDBOX_URL", "").rstrip("/")
TENANT = os.environ.get("AZURE_TENANT_ID", "11111111-1111-4111-8111-111111111111")
CLIENT = os.environ.get("AZURE_CLIENT_ID", "22222222-2222-4222-8222-222222222222")
SECRET = os.environ.get("AZURE_CLIENT_SECRET", "sandbox-only-secret")
CERTIFICATE = os.environ.get("AZURE_CLIENT_CERTIFICATE_PATH")
TOKEN_FILE = os.environ.get("AZURE_FEDERATED_TOKEN_FILE")
SCOPE = f"{SANDBOX_URL or 'https://graph.microsoft.com'}/.default"
VALIDITY = 3600


def check(holds: bool, what: str) -> None:
    if not holds:
        sys.exit(f"Not so: {what}.")
    print(f"ok: {what}")


def graph(credential) -> GraphServiceClient:
    if not SANDBOX_URL:
        return GraphServiceClient(credential)
    host = SANDBOX_URL.removeprefix("https://")
    adapter = GraphRequestAdapter(
        AzureIdentityAuthenticationProvider(
            credential, scopes=[f"{SANDBOX_URL}/.default"], allowed_hosts=[host, host.split(":")[0]]
        )
    )
    adapter.base_url = f"{SANDBOX_URL}/beta"
    return GraphServiceClient(request_adapter=adapter)


async def use(profiles, by_id, body, what: str) -> None:
    listed = (await profiles.get()).value
    check(len(listed) > 0, f"the list has {len(listed)} {what} profiles: {', '.join(p.display_name for p in listed)}")
    item = by_id(listed[0].id)
    before = await item.get()
    body.token_validity_in_seconds = VALIDITY
    await item.create_token.post(body)
    after = await item.get()
    check(after.token_value not in (None, before.token_value), f"{after.display_name} has a new enrollment token")
    check(after.token_expiration_date_time.tzinfo is not None, f"it ends at {after.token_expiration_date_time}")
    picture = after.qr_code_image.value
    check(picture.startswith(b"\x89PNG"), f"its QR code is there as a picture of {len(picture)} bytes")
    check(after.token_value in (after.qr_code_content or ""), "and as a text that holds the enrollment token")


async def open_with_others(options: dict) -> None:
    """Reads Graph with each other credential that the environment names."""
    credentials = {}
    if CERTIFICATE:
        credentials["a certificate"] = CertificateCredential(TENANT, CLIENT, CERTIFICATE, **options)
        # Without asyncio it is MSAL that signs: with RS256 and SHA-1, or with PS256 and SHA-256 if the chain is sent.
        for chain in (False, True):
            signer = BlockingCertificateCredential(
                TENANT, CLIENT, CERTIFICATE, send_certificate_chain=chain, **options
            )
            check(len(signer.get_token(SCOPE).token) > 0, f"MSAL got an access token, {'with' if chain else 'without'} x5c")
    if TOKEN_FILE:
        credentials["a federated token"] = WorkloadIdentityCredential(
            tenant_id=TENANT, client_id=CLIENT, token_file_path=TOKEN_FILE, **options
        )
    if "IDENTITY_ENDPOINT" in os.environ:
        credentials["a managed identity"] = ManagedIdentityCredential()
    for what, credential in credentials.items():
        async with credential:
            profiles = graph(credential).device_management.android_for_work_enrollment_profiles
            check(len((await profiles.get()).value) > 0, f"{what} opens Graph")


async def main() -> None:
    options = {}
    if SANDBOX_URL:
        # The clients would ask Microsoft whether they know this host.
        options = {"authority": SANDBOX_URL, "disable_instance_discovery": True}
    async with ClientSecretCredential(TENANT, CLIENT, SECRET, **options) as credential:
        check(len((await credential.get_token(SCOPE)).token) > 0, "azure-identity got an access token")
        management = graph(credential).device_management
        for_work = management.android_for_work_enrollment_profiles
        owner = management.android_device_owner_enrollment_profiles
        await use(for_work, for_work.by_android_for_work_enrollment_profile_id, ForWorkBody(), "android-for-work")
        await use(owner, owner.by_android_device_owner_enrollment_profile_id, DeviceOwnerBody(), "device-owner")
        unknown = "99999999-0000-4000-8000-000000000001"
        try:
            await for_work.by_android_for_work_enrollment_profile_id(unknown).get()
            check(False, "an unknown profile is an error")
        except ODataError as error:
            check(
                error.response_status_code == 404 and error.error.code == "ResourceNotFound",
                f"an unknown profile is an ODataError of Graph: {error.error.code}",
            )
    await open_with_others(options)


asyncio.run(main())
