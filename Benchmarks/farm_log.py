"""Reads a running coordinator's log straight from its store, without any code of ours: canonical bytes and RFC 6962 roots."""
import base64, collections, hashlib, sqlite3

START = len(b"farm/entry/v1\n") + 8 + 1  # domain line, time, tag
TRANSFER, COMMITMENT = 3, 4
POST = 2


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


class Log:
    """The entries at this moment. Only beside a coordinator that has the store open: the last one to close it folds its
    write-ahead log in, which would change what a killed coordinator left."""

    def __init__(self, data):
        store = sqlite3.connect(f"file:{data}/farm.sqlite?mode=ro", uri=True, timeout=20)
        self.entries = [row[0] for row in store.execute("SELECT bytes FROM entries ORDER BY idx")]
        self.results = dict(store.execute("SELECT commitment, idx FROM results"))
        self.verified = {(job.hex(), tile) for job, tile in
                         store.execute("SELECT job, tile FROM tiles WHERE state = 3")}
        store.close()

    def roots(self, sizes):
        """The root at each of the sizes."""
        wanted, found, stack = set(sizes), {}, []
        for size, entry in enumerate(self.entries, 1):
            leaf = hashlib.sha256(b"\0" + entry).digest()
            stack.append(leaf)
            done = size
            while done % 2 == 0:
                right = stack.pop()
                stack.append(node(stack.pop(), right))
                done //= 2
            if size in wanted:
                root = stack[-1]
                for left in reversed(stack[:-1]):
                    root = node(left, root)
                found[size] = root
        return found

    def tile(self, index):
        """Job and tile of the commitment at that index; nothing when it is none."""
        if index >= len(self.entries) or self.entries[index][START - 1] != COMMITMENT:
            return None
        body = self.entries[index][START:]
        return body[:32].hex(), int.from_bytes(body[32:36], "big")

    def payments(self):
        """How often each tile was paid: posted holds by job and tile."""
        counts = collections.Counter()
        for entry in self.entries:
            if entry[START - 1] == TRANSFER:
                kind = entry[START + 32 + 33 + 33 + 8:]
                if kind[0] == POST:
                    cause = kind[33:]
                    counts[cause[1:33].hex(), int.from_bytes(cause[33:37], "big")] += 1
        return counts


def checkpoint(data):
    """Size and root that the coordinator signed last; nothing before the first."""
    try:
        lines = (data / "log/checkpoint").read_text().splitlines()
    except FileNotFoundError:
        return None
    return int(lines[1]), base64.b64decode(lines[2])


def commitment(envelope):
    """From the bytes of a result on its way: digest of its commitment, job and tile."""
    at = len(b"farm/result/v1\n")
    fields = []
    for _ in range(2):
        count = int.from_bytes(envelope[at:at + 4], "big")
        fields.append(envelope[at + 4:at + 4 + count])
        at += 4 + count
    assignment = fields[0][len(b"farm/assignment/v1\n"):]
    return hashlib.sha256(fields[1]).digest(), assignment[:32].hex(), int.from_bytes(assignment[32:36], "big")
