"""Many clients of a farm in one thread: connections that are kept, requests that are signed (RFC 9421) by OpenSSL's library."""
import base64, ctypes, ctypes.util, hashlib, heapq, json, select, socket, time

crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))
for name in ("EVP_PKEY_new_raw_private_key", "EVP_MD_CTX_new"):
    getattr(crypto, name).restype = ctypes.c_void_p
ED25519 = 1087


class Key:
    """An Ed25519 key from 32 bytes."""

    def __init__(self, seed):
        self.key = ctypes.c_void_p(crypto.EVP_PKEY_new_raw_private_key(ED25519, None, seed, ctypes.c_size_t(32)))
        public = ctypes.create_string_buffer(32)
        crypto.EVP_PKEY_get_raw_public_key(self.key, public, ctypes.byref(ctypes.c_size_t(32)))
        self.name = public.raw.hex()

    def sign(self, message):
        context = ctypes.c_void_p(crypto.EVP_MD_CTX_new())
        signature, count = ctypes.create_string_buffer(64), ctypes.c_size_t(64)
        crypto.EVP_DigestSignInit(context, None, None, None, self.key)
        crypto.EVP_DigestSign(context, signature, ctypes.byref(count), message, ctypes.c_size_t(len(message)))
        crypto.EVP_MD_CTX_free(context)
        return signature.raw


class Client:
    """One key and its connection; at most one request at a time."""
    nonce = 0

    def __init__(self, host, port, seed):
        self.host, self.port, self.key = host, port, Key(seed)
        self.socket, self.buffer, self.sent_at = None, b"", 0.0

    def connect(self):
        self.socket = socket.create_connection((self.host, self.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        return self.socket.fileno()

    def post(self, path, message):
        body = json.dumps(message, separators=(",", ":")).encode()
        digest = f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
        authority = f"{self.host}:{self.port}"
        Client.nonce += 1
        parameters = ('("@method" "@authority" "@path" "@query" "content-digest");'
                      f'created={int(time.time())};nonce="{Client.nonce}";keyid="{self.key.name}"')
        base = (f'"@method": POST\n"@authority": {authority}\n"@path": {path}\n"@query": ?\n"content-digest": {digest}\n'
                f'"@signature-params": {parameters}')
        signature = base64.b64encode(self.key.sign(base.encode())).decode()
        self.sent_at = time.monotonic()
        self.buffer = b""
        self.socket.sendall(
            f"POST {path} HTTP/1.1\r\nHost: {authority}\r\nContent-Length: {len(body)}\r\nContent-Digest: {digest}\r\n"
            f"Signature-Input: sig={parameters}\r\nSignature: sig=:{signature}:\r\n\r\n".encode() + body)

    def receive(self):
        """Status and message of the answer, once it is whole; nothing before."""
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the farm closed a connection")
        self.buffer += data
        head, mark, body = self.buffer.partition(b"\r\n\r\n")
        if not mark:
            return None
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
        return (int(head.split()[1]), json.loads(body) if length else None) if len(body) >= length else None


class Crowd:
    """Clients that each have one thing to do at a time."""

    def __init__(self, clients):
        self.clients, self.poll, self.by_socket = clients, select.epoll(), {}
        for client in clients:
            number = client.connect()
            self.by_socket[number] = client
            self.poll.register(number, select.EPOLLIN)

    def run(self, until, first, request, answer):
        """Sends each client's `request(client)`, a path and a message, at the times that `first(client)` and then
        `answer(client, status, message, seconds)` give; nothing is never again."""
        due = [(when, number) for number, client in enumerate(self.clients) if (when := first(client)) is not None]
        heapq.heapify(due)
        numbers = {client: number for number, client in enumerate(self.clients)}
        open_requests = 0
        while (now := time.monotonic()) < until and (due or open_requests):
            while due and due[0][0] <= now:
                client = self.clients[heapq.heappop(due)[1]]
                client.post(*request(client))
                open_requests += 1
            wait = min(until, due[0][0]) - time.monotonic() if due else 0.1
            for number, _ in self.poll.poll(max(0, min(wait, 0.1)), 4096):
                client = self.by_socket[number]
                if (received := client.receive()) is None:
                    continue
                open_requests -= 1
                again = answer(client, *received, time.monotonic() - client.sent_at)
                if again is not None:
                    heapq.heappush(due, (again, numbers[client]))
