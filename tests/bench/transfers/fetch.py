# SPDX-License-Identifier: MIT
"""The same transfers by Python's requests, a session in each thread. Usage: as in measure.h."""
import base64
import json
import resource
import sys
import threading
import time

import requests

BODY = dict(prompt="a harbour in weather", num_steps=20, guidance_scale=7, seed=1, height=1024, width=1024)
HEADERS = {"Ocp-Apim-Subscription-Key": "fake-key-of-the-benchmark"}


def generate(session, mode, base):
    with session.post(base + "/getImage/v1/getSDXLImage", json=BODY, headers=HEADERS, timeout=60) as answer:
        answer.raise_for_status()
        found = answer.json()
    if mode == "inline":
        return len(base64.b64decode(found["image"]))
    with session.get(found["imageUrl"], timeout=60) as picture:
        picture.raise_for_status()
        return len(picture.content)


def main():
    mode, base, count, in_flight = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    numbers = iter(range(count))
    lock = threading.Lock()
    sizes = []

    def work():
        with requests.Session() as session:
            session.trust_env = False
            while True:
                with lock:
                    if next(numbers, None) is None:
                        return
                sizes.append(generate(session, mode, base))

    wall, cpu = time.monotonic(), time.process_time()
    threads = [threading.Thread(target=work) for _ in range(min(in_flight, count))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(sizes) != count:
        sys.exit("a transfer failed")
    print(json.dumps(dict(cpu_us=(time.process_time() - cpu) / count * 1e6, wall_ms=(time.monotonic() - wall) * 1e3,
                          peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, bytes=sum(sizes))))


main()
