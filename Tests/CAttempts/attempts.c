#define _GNU_SOURCE
#include "CAttempts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int outcome(long result) { return result < 0 ? errno : 0; }

static int internet(const char *port, int type) {
  struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
  place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int socket_ = socket(AF_INET, type, 0);
  if (socket_ < 0) return errno;
  // A name server is asked with a datagram.
  if (type == SOCK_DGRAM) return outcome(sendto(socket_, "?", 1, 0, (void *)&place, sizeof place));
  return outcome(connect(socket_, (void *)&place, sizeof place));
}

static int unix_socket(const char *path) {
  struct sockaddr_un place = {.sun_family = AF_UNIX};
  snprintf(place.sun_path, sizeof place.sun_path, "%s", path);
  int socket_ = socket(AF_UNIX, SOCK_STREAM, 0);
  return socket_ < 0 ? errno : outcome(connect(socket_, (void *)&place, sizeof place));
}

static int read_file(const char *path) {
  char byte;
  int file = open(path, O_RDONLY);
  return file < 0 ? errno : outcome(read(file, &byte, 1));
}

static int make_file(const char *path) {
  int file = open(path, O_WRONLY | O_CREAT, 0600);
  return file < 0 ? errno : outcome(write(file, "x", 1));
}

static int execute(const char *path) {
  // An argument that makes any shell end at once.
  char *words[] = {(char *)path, "-c", "exit 0", NULL};
  execv(path, words);
  return errno;
}

static int fork_child(void) {
  pid_t child = fork();
  if (child == 0) _exit(0);
  return child < 0 ? errno : outcome(waitpid(child, NULL, 0));
}

static void *sleep_long(void *unused) {
  sleep(60);
  return unused;
}

static int threads(int count) {
  for (int i = 0; i < count; i++) {
    pthread_t thread;
    int code = pthread_create(&thread, NULL, sleep_long, NULL);
    if (code != 0) return code;
  }
  return 0;
}

static int allocate(size_t megabytes) {
  char *memory = mmap(NULL, megabytes << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return errno;
  for (size_t at = 0; at < megabytes << 20; at += 4096) memory[at] = 1;
  return 0;
}

static int open_many(int count) {
  for (int i = 0; i < count; i++) {
    if (open("/dev/null", O_RDONLY) < 0) return errno;
  }
  return 0;
}

static int spin(int seconds) {
  struct timespec used;
  volatile uint64_t work = 0;
  do {
    for (int i = 0; i < 1 << 20; i++) work += (uint64_t)i;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  } while (used.tv_sec < seconds);
  return 0;
}

static int environment(const char *name) {
  static char text[1 << 20];
  if (getenv(name)) return 0;
  int file = open("/proc/self/environ", O_RDONLY);
  ssize_t count = read(file, text, sizeof text);
  return count > 0 && memmem(text, (size_t)count, name, strlen(name)) ? 0 : ENOENT;
}

static int read_other(int process) {
  char text[8];
  struct iovec here = {text, sizeof text}, there = {(void *)(uintptr_t)&environ, sizeof text};
  int code = outcome(process_vm_readv(process, &here, 1, &there, 1, 0));
  // It was let in, and has nothing at that address.
  return code == EFAULT ? 0 : code;
}

static int call_of_another_kind(void) {
#if defined(__x86_64__)
  long result;
  // getpid, as 32-bit programs call it.
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory");
  return result > 0 ? 0 : EINVAL;
#else
  return ENOSYS;
#endif
}

/// Calls that end at once, whatever they are given.
static int plain_call(const char *name) {
  static const struct {
    const char *name;
    long number, first, second;
  } calls[] = {
      {"unshare", __NR_unshare, 0, 0},
      {"setns", __NR_setns, -1, 0},
      {"add_key", __NR_add_key, 0, 0},
      {"keyctl", __NR_keyctl, 0, -3},
      {"io_uring_setup", __NR_io_uring_setup, 1, 0},
      {"perf_event_open", __NR_perf_event_open, 0, 0},
      {"shmget", __NR_shmget, 1, 4096},
      {"msgget", __NR_msgget, 1, 0},
      {"mq_open", __NR_mq_open, 0, 0},
      {"setpgid", __NR_setpgid, 0, 0},
      {"personality", __NR_personality, 0xffffffff, 0},
      {"pidfd_open", __NR_pidfd_open, 1, 0},
      {"vmsplice", __NR_vmsplice, -1, 0},
      {"chroot", __NR_chroot, 0, 0},
      {"mount", __NR_mount, 0, 0},
      {"fsopen", __NR_fsopen, 0, 0},
      {"fchmod", __NR_fchmod, -1, 0},
      {"capset", __NR_capset, 0, 0},
      {"utimensat", __NR_utimensat, -1, 0},
      {"sethostname", __NR_sethostname, 0, 1},
      // A number that no kernel has yet.
      {"newest", 900, 0, 0},
      // Worse ones.
      {"bpf", __NR_bpf, 0, 0},
      {"userfaultfd", __NR_userfaultfd, 0, 0},
      {"delete_module", __NR_delete_module, 0, 0},
  };
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
    if (strcmp(name, calls[i].name) == 0) {
      return outcome(syscall(calls[i].number, calls[i].first, calls[i].second, 0, 0, 0));
    }
  }
  return -1;
}

static int on_files(const char *name, const char *path) {
  if (strcmp(name, "read") == 0) return read_file(path);
  if (strcmp(name, "make") == 0) return make_file(path);
  if (strcmp(name, "list") == 0) return outcome(open(path, O_RDONLY | O_DIRECTORY));
  if (strcmp(name, "remove") == 0) return outcome(unlink(path));
  if (strcmp(name, "truncate") == 0) return outcome(truncate(path, 0));
  if (strcmp(name, "chmod") == 0) return outcome(chmod(path, 0700));
  return -1;
}

static int on_processes(const char *name, int number) {
  if (strcmp(name, "fork") == 0) return fork_child();
  if (strcmp(name, "threads") == 0) return threads(number);
  if (strcmp(name, "signal") == 0) return outcome(kill(number, 0));
  if (strcmp(name, "abort") == 0) abort();
  if (strcmp(name, "trace") == 0) return outcome(ptrace(PTRACE_SEIZE, number, 0, 0));
  if (strcmp(name, "peek") == 0) return read_other(number);
  if (strcmp(name, "int80") == 0) return call_of_another_kind();
  if (strcmp(name, "descriptor") == 0) return outcome(fcntl(number, F_GETFD));
  if (strcmp(name, "allocate") == 0) return allocate((size_t)number);
  if (strcmp(name, "open") == 0) return open_many(number);
  if (strcmp(name, "spin") == 0) return spin(number);
  return -1;
}

int attempt(const char *name, const char *argument) {
  if (strcmp(name, "tcp") == 0) return internet(argument, SOCK_STREAM);
  if (strcmp(name, "udp") == 0) return internet(argument, SOCK_DGRAM);
  if (strcmp(name, "unix") == 0) return unix_socket(argument);
  if (strcmp(name, "execute") == 0) return execute(argument);
  if (strcmp(name, "environment") == 0) return environment(argument);
  int code = on_files(name, argument);
  if (code == -1) code = on_processes(name, atoi(argument));
  return code == -1 ? plain_call(name) : code;
}

int hide_landlock(void) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 444, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof code / sizeof *code, code};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  return outcome(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
}
