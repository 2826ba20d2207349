"""A farm of real processes on this machine, in a folder of its own, for the benchmarks. Python's standard library only."""
import json, os, pathlib, random, shutil, signal, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = ROOT / ".build/release"


def scene(name):
    return str(ROOT / f"Scenes/{name}/{name}.gltf")


def run(*words, within=()):
    """Runs one of our programs to its end; its output. Ends the benchmark when it fails."""
    done = subprocess.run([*within, str(BIN / words[0]), *map(str, words[1:])], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, words))}: {done.stdout}{done.stderr}")
    return done.stdout


def say(benchmark, **row):
    """Prints a line of the result, with what else the machine had to do."""
    print(json.dumps({"benchmark": benchmark, **row, "load": round(os.getloadavg()[0], 1)}), flush=True)


def part(values, share):
    """The value below which that share of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def cpu_s(pid):
    """Processor seconds of a process and its ended children, so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def children(pid):
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*"):
        try:
            found += [int(word) for word in (task / "children").read_text().split()]
        except FileNotFoundError:
            pass  # a thread that has ended meanwhile
    return found


def tree_cpu_s(pid):
    """Processor seconds of a process and all below it, so far."""
    return cpu_s(pid) + sum(tree_cpu_s(child) for child in children(pid))


class Farm:
    """One coordinator and any number of workers. Use it in a `with`: everything ends with it.

    data          the coordinator's data folder; by default in the farm's folder
    arguments     further ones of `serve`
    here, there   words before the programs of the coordinator's and of the workers' machine, as `ip netns exec NAME`
    """

    def __init__(self, data=None, arguments=(), listen="127.0.0.1:0", here=(), there=()):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="farm-"))
        self.data = pathlib.Path(data or self.folder / "coordinator")
        self.data.mkdir(parents=True, exist_ok=True)
        self.arguments, self.listen, self.here, self.there = list(arguments), listen, list(here), list(there)
        self.workers, self.url, self.coordinator = {}, None, None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, *_):
        self.stop()
        if kind in (None, KeyboardInterrupt):
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            print(f"what the farm left is in {self.folder}", file=sys.stderr)

    # The coordinator

    def start(self):
        """Starts the coordinator, again on the same port, and waits until it answers. Seconds it took."""
        address = self.data / "address"
        address.unlink(missing_ok=True)
        began = time.monotonic()
        with open(self.folder / "coordinator.log", "ab") as log:
            self.coordinator = subprocess.Popen(
                [*self.here, str(BIN / "render-coordinator"), "serve", "--data", str(self.data), "--listen",
                 self.listen, *self.arguments], stdout=log, stderr=log)
        while not address.exists() or not address.read_text():
            if self.coordinator.poll() is not None:
                raise SystemExit(f"the coordinator ended: {(self.folder / 'coordinator.log').read_text()[-2000:]}")
            time.sleep(0.002)
        self.url = address.read_text().strip()
        self.listen = self.url.split("/")[2]
        return time.monotonic() - began

    def kill_coordinator(self):
        """kill -9, its verifier too: a machine that loses power has neither."""
        verifiers = children(self.coordinator.pid)
        self.coordinator.kill()
        for pid in verifiers:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.coordinator.wait()

    def audit(self):
        """The first line of `audit`, the books balanced."""
        return run("render-coordinator", "audit", "--data", self.data).splitlines()[0]

    def stop(self):
        for process in [*self.workers.values(), self.coordinator]:
            if process and process.poll() is None:
                process.terminate()
        for process in [*self.workers.values(), self.coordinator]:
            if process:
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        self.workers = {}

    # Workers

    def join(self, name):
        """Starts a worker whose home is NAME in the farm's folder; its JSON lines go to NAME.jsonl there."""
        with open(self.folder / f"{name}.jsonl", "ab") as out, open(self.folder / f"{name}.log", "ab") as log:
            self.workers[name] = subprocess.Popen(
                [*self.there, str(BIN / "render-worker"), "join", self.url, "--home", str(self.folder / name),
                 "--name", name, "--json"], stdout=out, stderr=log)
        return self.workers[name]

    def kill_worker(self, name):
        """kill -9, its renderer too."""
        process = self.workers.pop(name)
        renderers = children(process.pid)
        process.kill()
        for pid in renderers:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        process.wait()

    def said(self, name, event=None):
        """What a worker said, oldest first."""
        path = self.folder / f"{name}.jsonl"
        lines = [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")] if path.exists() else []
        return [line for line in lines if event in (None, line["event"])]

    # Jobs

    def deposit(self, credits=100_000):
        account = json.loads(self.render("account", "--json"))["key"]
        run("render-coordinator", "deposit", account, credits, "--data", self.data, within=self.here)

    def render(self, *words):
        """Runs `render` against this farm, on the coordinator's machine."""
        return run("render", *words, "--coordinator", self.url, "--key", self.folder / "key", within=self.here)

    def submit(self, name, *look):
        return json.loads(self.render("submit", scene(name), "--json", *look).splitlines()[-1])["id"]

    def status(self, job):
        return json.loads(self.render("status", job, "--json"))

    def worker_key(self, name):
        return self.said(name, "account")[0]["account"]

    def wait(self, job, seconds=600, every=0.2):
        """Where the job ended."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            status = self.status(job)
            if status["state"] not in ("running", "paused"):
                return status
            time.sleep(every)
        raise SystemExit(f"job {job} did not end in {seconds} s: {status['tilesVerified']} of {status['tileCount']} tiles")


def seeded(words, default=None):
    """A generator of random numbers from `--seed N` in the words, and the seed."""
    seed = int(words[words.index("--seed") + 1]) if "--seed" in words else (default or random.randrange(10**6))
    return random.Random(seed), seed


def option(words, name, default):
    return type(default)(words[words.index(name) + 1]) if name in words else default
