#!/usr/bin/env python3
"""Hands an event on standard input to dangold, and loses none: README.md says how."""
import http.client, json, os, pathlib, socket, sys, time, urllib.parse

DANGOL = os.environ.get("DANGOL", "/run/dangol/dangol.sock")
SPOOL = pathlib.Path(os.environ.get("DANGOL_SPOOL", "dangol-spool"))

def keep(event):
    """Written whole, on disk, and only then under its name."""
    name = SPOOL / f"{time.time_ns()}-{os.getpid()}"
    with open(os.open(f"{name}.new", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        json.dump(event, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    os.rename(f"{name}.new", f"{name}.json")
    folder = os.open(SPOOL, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)

def ask(body):
    """(status, answer); status 0: nobody answered."""
    at = urllib.parse.urlsplit(DANGOL)
    one = http.client.HTTPConnection(at.hostname or "localhost", at.port or 80, timeout=10)
    head = {"Content-Type": "application/json"}
    try:
        if os.environ.get("DANGOL_TOKEN"):
            head["Authorization"] = "Bearer " + pathlib.Path(os.environ["DANGOL_TOKEN"]).read_text().strip()
        if not at.scheme:
            one.sock = socket.socket(socket.AF_UNIX)
            one.sock.settimeout(10)
            one.sock.connect(DANGOL)
        one.request("POST", "/v1/events", body, head)
        answer = one.getresponse()
        return answer.status, answer.read().decode()
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error)
    finally:
        one.close()

def flush():
    for file in sorted(SPOOL.glob("*.json")):
        for wait in (1, 2, 0):
            try:
                status, answer = ask(file.read_bytes())
            except FileNotFoundError:
                break  # another call has sent it
            if status == 202 and '"rejected":[]' in answer:
                file.unlink(missing_ok=True)
                break
            if status in (202, 400, 413):
                print("refused:", answer, file=sys.stderr)
                file.rename(file.with_suffix(".refused"))
                break
            if not wait:
                print("kept until dangold answers:", status, answer, file=sys.stderr)
                return
            time.sleep(wait)

def post(event):
    if not event.get("id"):
        raise ValueError("the event has no id: give it the receipt's number")
    keep(event)
    flush()

if __name__ == "__main__":
    SPOOL.mkdir(mode=0o700, exist_ok=True)
    text = sys.stdin.read()
    try:
        post(json.loads(text)) if text.strip() else flush()
    except (ValueError, AttributeError) as error:
        sys.exit(str(error))
