"""The console answers under this machine's own names alone: a name that somebody else makes lead here gets nothing of it.

    check_host.py FOLDER-OF-THE-PROGRAMS
"""

import re

from checking import run
from service import Service, ask


def check(programs, findings):
    with Service(programs) as service:
        key = service.key("portal-of-somebody")
        service.start_gateway()
        service.call("GET", "/profiles", key)
        port = service.management.split(":")[1]
        page = ask(service.management, "GET", "/").text
        findings.expect("portal-of-somebody" in page, "/", "does not show the key ring")
        assets = re.findall(r'(?:href|src)="(/assets/[^"]+)"', page)
        requests = re.findall(r'href="(/requests/[^"?]+)', page)
        findings.expect(requests, "/", "names no request")
        findings.expect(len(assets) >= 3, "/", f"names few assets: {assets}")
        for host in (
            "evil.example",
            f"evil.example:{port}",
            f"localhost.evil.example:{port}",
            f"127.0.0.1.evil.example:{port}",
            "[::1]:x",
        ):
            for path in ("/", *requests[:1], *assets):
                answer = ask(service.management, "GET", path, fields={"Host": host})
                findings.expect(answer.status in (400, 421), f"{path} of {host}", f"is answered {answer.status}")
                for word in ("<", "portal-of-somebody", "{"):
                    findings.expect(
                        word not in answer.text or answer.status == 400, f"{path} of {host}", f"shows {answer.text!r}"
                    )
        for host in ("localhost", f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}"):
            answer = ask(service.management, "GET", "/", fields={"Host": host})
            findings.expect(answer.status == 200, f"/ of {host}", f"is answered {answer.status}")


if __name__ == "__main__":
    run(check)
