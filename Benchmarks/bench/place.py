"""The folder that a run works in: certificates, and the programs' configurations with this run's secrets."""

import os
import secrets
import shutil
import subprocess
import tempfile

from .failure import Failure

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(HERE)


# 88 characters; see README.md.
TOKEN_BYTES = 44


class Place:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="gateway-bench-")
        # nginx's workers give up root.
        os.chmod(self.folder, 0o755)
        self.key = secrets.token_hex(16)
        self.secret = secrets.token_hex(16)
        self.token = secrets.token_hex(TOKEN_BYTES)
        self._make_certificate()
        values = {"@KEY@": self.key, "@SECRET@": self.secret, "@TOKEN@": self.token}
        for name in os.listdir(os.path.join(HERE, "peers")):
            with open(os.path.join(HERE, "peers", name)) as template:
                text = template.read()
            for mark, value in values.items():
                text = text.replace(mark, value)
            with open(self.path(name), "w") as configuration:
                configuration.write(text)

    def path(self, name):
        return os.path.join(self.folder, name)

    def _make_certificate(self):
        made = subprocess.run(
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-days", "2", "-subj", "/CN=Stand-in for Graph", "-addext", "subjectAltName=IP:127.0.0.1",
                "-keyout", self.path("key.pem"), "-out", self.path("certificate.pem"),
            ],
            capture_output=True,
            text=True,
        )
        if made.returncode != 0:
            raise Failure(f"openssl could not make a certificate: {made.stderr.strip()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)
