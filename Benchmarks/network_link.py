"""A link between two network namespaces whose packets pass through this process, which delays, drops, throttles or cuts
them: for kernels without netem. Needs root and /dev/net/tun."""
import collections, fcntl, os, random, select, struct, subprocess, threading, time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
# What a router keeps of a direction that is slower than its senders.
QUEUE_BYTES = 256 << 10


def ip(*words):
    subprocess.run(["ip", *words], check=True)


class Link:
    """Namespaces NAME-a and NAME-b with the addresses 10.83.0.1 and 10.83.0.2. Use it in a `with`."""

    def __init__(self, name, seed):
        self.names = [f"{name}-a", f"{name}-b"]
        self.addresses = ["10.83.0.1", "10.83.0.2"]
        self.random = random.Random(seed)
        self.delay_s, self.loss, self.bytes_s, self.is_up = 0.0, 0.0, None, True
        self.passed, self.dropped, self.bytes = 0, 0, 0

    def within(self, side):
        return ["ip", "netns", "exec", self.names[side]]

    def __enter__(self):
        self.tuns = []
        for side, (name, address) in enumerate(zip(self.names, self.addresses)):
            ip("netns", "add", name)
            tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            device = f"farm{side}"
            fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", device.encode(), IFF_TUN | IFF_NO_PI))
            ip("link", "set", device, "netns", name)
            for words in (["addr", "add", f"{address}/24", "dev", device], ["link", "set", device, "up"],
                          ["link", "set", "lo", "up"]):
                ip("-n", name, *words)
            self.tuns.append(tun)
        self.ends = False
        self.thread = threading.Thread(target=self.pass_packets, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ends = True
        self.thread.join()
        for tun in self.tuns:
            os.close(tun)
        for name in self.names:
            ip("netns", "delete", name)

    def pass_packets(self):
        queues = [collections.deque(), collections.deque()]
        free_at = [0.0, 0.0]
        while not self.ends:
            due = min((queue[0][0] for queue in queues if queue), default=time.monotonic() + 0.05)
            ready, _, _ = select.select(self.tuns, [], [], min(0.05, max(0, due - time.monotonic())))
            now = time.monotonic()
            for side, tun in enumerate(self.tuns):
                if tun in ready:
                    self.take(tun, queues[side], free_at, side, now)
            for side, queue in enumerate(queues):
                while queue and queue[0][0] <= now:
                    try:
                        os.write(self.tuns[1 - side], queue.popleft()[1])
                    except OSError:
                        self.dropped += 1

    def take(self, tun, queue, free_at, side, now):
        for _ in range(64):
            try:
                packet = os.read(tun, 65536)
            except BlockingIOError:
                return
            waiting_s = max(0.0, free_at[side] - now)
            is_full = self.bytes_s is not None and waiting_s * self.bytes_s > QUEUE_BYTES
            if not self.is_up or is_full or self.random.random() < self.loss:
                self.dropped += 1
                continue
            sent_at = now + waiting_s + (len(packet) / self.bytes_s if self.bytes_s else 0)
            free_at[side] = sent_at
            queue.append((sent_at + self.delay_s, packet))
            self.passed += 1
            self.bytes += len(packet)
