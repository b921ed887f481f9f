"""Ways out of a sandbox, each a small Python program that ends well only if it got out; one that is held says so and fails.

`open` marks those that succeed for anybody on any Linux where nothing contains them: run without a sandbox, they show that
the check can fail. `landlock` marks those that the weaker sandbox holds as well, on whatever kernel it works.
"""

import platform
from dataclasses import dataclass

from podium.workspaces.sandboxes import seccomp

_COLUMN = {"x86_64": 0, "aarch64": 1}[platform.machine()]
CALLS = {name: row[_COLUMN] for name, row in seccomp._REFUSED.items() if row[_COLUMN] is not None}
"""The numbers of the calls that are always refused."""

_CLONE = (56, 220)[_COLUMN]


@dataclass(frozen=True)
class Escape:
    name: str
    program: str
    open: bool = False
    landlock: bool = False


# What every program begins with; it also has `scene`, what an intruder is told of the host, and `calls`.
PRELUDE = """
import ctypes, errno, fcntl, os, signal, socket, struct, subprocess, sys, time
libc = ctypes.CDLL(None, use_errno=True)
def done(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
def call(name, *arguments):
    return done(libc.syscall(calls[name], *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments)))
def child_with(work):
    pid = os.fork()
    if pid == 0:
        work()
        os._exit(0)
    return pid
def neighbour():
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if scene["marker"].encode() in open(f"/proc/{pid}/cmdline", "rb").read():
                return int(pid)
        except OSError:
            pass
    raise ProcessLookupError("no such process")
def show(path):
    print(open(path).read(4096) or 1 / 0)
def fill(directory):
    for number in range(40):
        with open(f"{directory}/filling-{number}", "wb", buffering=0) as file:
            file.write(bytes(1 << 20))
def open_below(directory):
    for top, _, names in os.walk(directory):
        for name in names:
            try:
                return os.open(f"{top}/{name}", os.O_WRONLY)
            except OSError as error:
                last = error
    raise last
def unix(address):
    socket.socket(socket.AF_UNIX).connect(address)
def clone_by_clone3():
    request = (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, 17)
    return libc.syscall(435, request, ctypes.c_size_t(ctypes.sizeof(request)))
def memory_of(pid):
    text = ctypes.create_string_buffer(b"x" * 16)
    vector = (ctypes.c_void_p * 2)(ctypes.addressof(text), 16)
    return call("process_vm_readv", pid, vector, 1, vector, 1, 0)
def open_by_handle():
    handle = ctypes.create_string_buffer(struct.pack("Ii", 128, 0) + bytes(128))
    call("name_to_handle_at", -100, b"/usr", handle, ctypes.byref(ctypes.c_int()), 0)
def type_ahead():
    leader, terminal = os.openpty()
    fcntl.ioctl(terminal, 0x540E, 0)
    fcntl.ioctl(terminal, 0x5412, b"x")
def datagrams(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(address)
        for _ in range(2):  # that nobody listens shows at the second
            sender.send(b"?")
            time.sleep(0.05)
"""

_KEY = "scene['home'] + '/.ssh/id_ed25519'"
_DEVICES = "core fd full null ptmx pts random shm stderr stdin stdout tty urandom zero console"

_OPEN = (
    # files
    ("the person's key", f"show({_KEY})"),
    ("another workspace", "show(scene['other'] + '/mine')"),
    ("the repository's objects", "show(scene['repository'] + '/.git/objects/held')"),
    ("Podium's state", "show(scene['repository'] + '/.git/podium/podium.db')"),
    ("beside the work directory", "print(os.listdir(scene['room']))"),
    ("up from the working directory", f"show('/proc/self/cwd/' + '../' * 30 + {_KEY})"),
    ("through a link of its own", f"os.symlink({_KEY}, 'link'); show('link')"),
    ("through a hard link", f"os.link({_KEY}, 'hard'); show('hard')"),
    # writing
    ("a file outside", "open(scene['canaries'] + '/file', 'w').write('x')"),
    ("a folder outside", "os.mkdir(scene['canaries'] + '/folder')"),
    ("a name moved outside", "open('mine', 'w').close(); os.rename('mine', scene['canaries'] + '/moved')"),
    # other processes
    ("the environment of a process of the host", "show(f'/proc/{neighbour()}/environ')"),
    ("a child traced", "assert not os.waitpid(child_with(lambda: done(libc.ptrace(0, 0, 0, 0))), 0)[1]"),
    ("the memory of another", "memory_of(child_with(lambda: time.sleep(1)))"),
)
_OPEN_TO_LANDLOCK = (
    ("a process of the host seen", "print(neighbour())"),
    ("a process of the host signalled", "os.kill(neighbour(), signal.SIGCONT)"),
    ("a listener on the host", "socket.create_connection(('127.0.0.1', scene['tcp']), 2)"),
    ("datagrams to the host", "datagrams(('127.0.0.1', scene['udp']))"),
    ("a socket of the host without a path", "unix('\\0' + scene['abstract'])"),
    ("a socket of the host with a path", "unix(scene['socket'])"),
)
_RARE = (
    # files and devices
    ("through the root of process 1", f"show('/proc/1/root' + {_KEY})"),
    ("the system's passwords", "show('/etc/shadow')"),
    ("the kernel's memory", "show('/proc/kcore')"),
    ("a file by its handle", "open_by_handle()"),
    ("a disk of its own making", "os.mknod('disk', 0o060600, os.makedev(254, 0)); show('disk')"),
    ("a device nobody gave", f"print(next(name for name in os.listdir('/dev') if name not in '{_DEVICES}'.split()))"),
    # writing
    ("the system's programs", "open('/usr/bin/podium-canary', 'w')"),
    ("the system's users", "open('/etc/passwd', 'a')"),
    ("what the kernel starts on a crash", "told = open('/proc/sys/kernel/core_pattern').read(); open('/proc/sys/kernel/core_pattern', 'w').write(told)"),
    ("any setting of the kernel", "open_below('/proc/sys')"),
    ("the kernel's emergency keys", "open('/proc/sysrq-trigger', 'w')"),
    ("its control group left", "open(next(line.split()[4] for line in open('/proc/self/mountinfo') if ' - cgroup' in line and 'pids' in line) + '/cgroup.procs', 'w').write('0')"),
    # mounts and roots
    ("what is read-only made writable", "done(libc.mount(b'none', b'/usr', None, 4096 | 32, None))"),
    ("a file system of its own", "done(libc.mount(b'none', b'/tmp', b'tmpfs', 0, None))"),
    ("a second /proc", "done(libc.mount(b'proc', b'/tmp', b'proc', 0, None))"),
    ("what is covered uncovered", "done(libc.umount2(b'/proc/sys', 2))"),
    ("a mount by the new calls", "call('fsopen', b'tmpfs', 0)"),
    ("a copy of all mounts", "call('open_tree', -100, b'/', 1)"),
    ("another root", "os.chroot('/usr')"),
    ("the old root", "call('pivot_root', b'.', b'.')"),
    # namespaces
    ("a user namespace", "done(libc.unshare(0x10000000))"),
    ("a mount namespace", "done(libc.unshare(0x20000))"),
    ("a network namespace", "done(libc.unshare(0x40000000))"),
    ("a child in a user namespace", f"done(libc.syscall({_CLONE}, ctypes.c_long(0x10000000 | 17), 0, 0, 0, 0))"),
    ("a child in one by clone3", "done(clone_by_clone3())"),
    ("the namespace of another", "done(libc.setns(os.open('/proc/1/ns/net', os.O_RDONLY), 0))"),
    # the network
    ("the cloud's metadata", "socket.create_connection(('169.254.169.254', 80), 0.5)"),
    ("raw packets", "socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)"),
    ("packets of the wire", "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)"),
    ("the virtual machine's host", "socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)"),
    ("the kernel's ciphers", "socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)"),
    ("a pair of a strange family", "socket.socketpair(30, socket.SOCK_SEQPACKET)"),
    # the kernel
    ("addresses made predictable", "done(libc.personality(0x0040000))"),
    ("a key for later", "call('add_key', b'user', b'podium', b'x', 1, -3)"),
    ("io_uring", "call('io_uring_setup', 1, ctypes.create_string_buffer(256))"),
    ("a type-ahead into the terminal", "type_ahead()"),
    ("a call of another interface", "done(libc.syscall(0x40000000 + 39))"),
    ("any call that is refused", "said = {name: (libc.syscall(number, 0, 0, 0, 0, 0, 0), ctypes.get_errno()) for name, number in calls.items()}; odd = {name: answer for name, answer in said.items() if answer != (-1, errno.EPERM)}; print(odd); assert odd, 'all of them: Operation not permitted'"),
    # room
    ("a file without end", "[open('endless', 'ab', buffering=0).write(bytes(1 << 20)) for _ in range(40)]"),
    ("memory without end", "bytearray(10**9)"),
)  # fmt: skip
_RARE_AND_OPEN_TO_LANDLOCK = (
    ("the kernel's keys", "show('/proc/keys')"),
    ("the kernel's addresses", "show('/proc/kallsyms')"),
    ("an open file of process 1", "call('pidfd_getfd', os.pidfd_open(1), 0, 0)"),
    ("an address beyond", "datagrams(('192.0.2.1', 53))"),
    ("a name looked up", "print(socket.getaddrinfo('example.org', 80))"),
    ("filling the directory of devices", "fill('/dev')"),
    ("filling shared memory", "fill('/dev/shm')"),
    ("filling what lies between the mounts", "fill('/')"),
    ("filling the scratch directory", "fill('/tmp')"),
    ("filling HOME", "fill(os.environ['HOME'])"),
)

ESCAPES = (
    *(Escape(*each, open=True, landlock=True) for each in _OPEN),
    *(Escape(*each, open=True) for each in _OPEN_TO_LANDLOCK),
    *(Escape(*each, landlock=True) for each in _RARE),
    *(Escape(*each) for each in _RARE_AND_OPEN_TO_LANDLOCK),
)

FORK_BOMB = Escape("fork bomb", """
forked = []
try:
    while len(forked) < 400:
        forked.append(child_with(signal.pause))
finally:
    for pid in forked:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
""")  # fmt: skip
MEMORY_BOMB = Escape("memory in many processes", """
def take():
    held = [b"x" * (1 << 20) for _ in range(60)]
    time.sleep(0.5)
ends = [os.waitpid(pid, 0)[1] for pid in [child_with(take) for _ in range(5)]]
assert not any(ends), f"killed: {ends}"
""")  # fmt: skip
