// A filter of system calls, by hand: no library. It names what is refused, because drivers of devices that we
// never saw need the rest; what this kernel has that we do not know is not there (ENOSYS).
#define _GNU_SOURCE
#include "CConfinement.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define THIS_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define THIS_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "the filter knows x86-64 and aarch64"
#endif

/// The last number that was looked at: set_mempolicy_home_node. Also above it: x32's.
#define LAST_KNOWN 450

/// No renderer has a use for these, not even by mistake: whoever calls them has taken the process over.
static const int fatal[] = {
    __NR_kexec_load, __NR_kexec_file_load, __NR_init_module, __NR_finit_module, __NR_delete_module,
    __NR_reboot, __NR_swapon, __NR_swapoff, __NR_ptrace, __NR_process_vm_readv, __NR_process_vm_writev,
    __NR_open_by_handle_at, __NR_bpf, __NR_userfaultfd,
};

/// Answered with EPERM: drivers and libraries try some of them and do without.
static const int refused[] = {
    __NR_connect,
    // Other programs and processes.
    __NR_execve, __NR_execveat, __NR_kcmp, __NR_pidfd_open, __NR_pidfd_getfd, __NR_pidfd_send_signal,
    __NR_rt_sigqueueinfo, __NR_rt_tgsigqueueinfo, __NR_tkill, __NR_process_madvise, __NR_migrate_pages,
    __NR_move_pages,
#ifdef __NR_fork
    __NR_fork, __NR_vfork,
#endif
    // Out of its process group a renderer would outlive its parent's patience.
    __NR_setpgid, __NR_setsid,
    // Who it is.
    __NR_setuid, __NR_setgid, __NR_setreuid, __NR_setregid, __NR_setresuid, __NR_setresgid, __NR_setfsuid,
    __NR_setfsgid, __NR_setgroups, __NR_capset, __NR_personality,
    // Where it is.
    __NR_mount, __NR_umount2, __NR_pivot_root, __NR_chroot, __NR_unshare, __NR_setns, __NR_open_tree,
    __NR_move_mount, __NR_fsopen, __NR_fsconfig, __NR_fsmount, __NR_fspick, __NR_mount_setattr,
    // What files say about themselves, which Landlock leaves alone.
    __NR_fchmod, __NR_fchmodat, __NR_fchown, __NR_fchownat, __NR_setxattr, __NR_lsetxattr, __NR_fsetxattr,
    __NR_removexattr, __NR_lremovexattr, __NR_fremovexattr, __NR_utimensat, __NR_mknodat,
    __NR_name_to_handle_at, __NR_fanotify_init, __NR_quotactl, __NR_acct,
#ifdef __NR_chmod
    __NR_chmod, __NR_chown, __NR_lchown, __NR_mknod, __NR_utime, __NR_utimes, __NR_futimesat,
#endif
    // Parts of the kernel with a history.
    __NR_io_uring_setup, __NR_io_uring_enter, __NR_io_uring_register, __NR_perf_event_open, __NR_keyctl,
    __NR_add_key, __NR_request_key, __NR_vmsplice, __NR_memfd_secret,
#ifdef __NR_modify_ldt
    __NR_modify_ldt, __NR_iopl, __NR_ioperm, __NR_uselib,
#endif
    // Memory and messages that outlive it.
    __NR_shmget, __NR_shmat, __NR_semget, __NR_msgget, __NR_mq_open,
    // The machine's.
    __NR_settimeofday, __NR_clock_settime, __NR_clock_adjtime, __NR_adjtimex, __NR_sethostname,
    __NR_setdomainname, __NR_syslog, __NR_vhangup,
};

/// Refused unless it may listen, and then only of this machine's kind.
static const int listening[] = {__NR_bind, __NR_listen, __NR_accept, __NR_accept4};

struct filter {
  struct sock_filter code[512];
  unsigned short count;
};

static void add(struct filter *filter, unsigned short code, unsigned char yes, unsigned char no, uint32_t k) {
  filter->code[filter->count++] = (struct sock_filter){code, yes, no, k};
}

static void load(struct filter *filter, size_t offset) {
  add(filter, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

static void answer(struct filter *filter, uint32_t action) { add(filter, BPF_RET | BPF_K, 0, 0, action); }

static void answer_all(struct filter *filter, const int *calls, size_t count, uint32_t action) {
  for (size_t i = 0; i < count; i++) {
    add(filter, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (uint32_t)calls[i]);
    answer(filter, action);
  }
}

/// Allows `call` when the lower half of an argument passes `test` (BPF_JEQ or BPF_JSET) with `value`, else
/// refuses it; the other way round when `is_bad`.
static void weigh(
    struct filter *filter, int call, int argument, unsigned short test, uint32_t value, int is_bad) {
  uint32_t no = SECCOMP_RET_ERRNO | EPERM;
  add(filter, BPF_JMP | BPF_JEQ | BPF_K, 0, 4, (uint32_t)call);
  load(filter, offsetof(struct seccomp_data, args) + 8 * (size_t)argument);
  add(filter, BPF_JMP | test | BPF_K, 0, 1, value);
  answer(filter, is_bad ? no : SECCOMP_RET_ALLOW);
  answer(filter, is_bad ? SECCOMP_RET_ALLOW : no);
}

static void fill(struct filter *filter, int may_listen) {
  load(filter, offsetof(struct seccomp_data, arch));
  add(filter, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, THIS_ARCHITECTURE);
  answer(filter, SECCOMP_RET_KILL_PROCESS);
  load(filter, offsetof(struct seccomp_data, nr));
  add(filter, BPF_JMP | BPF_JGT | BPF_K, 0, 1, LAST_KNOWN);
  answer(filter, SECCOMP_RET_ERRNO | ENOSYS);
  // Its flags lie in memory, where a filter cannot look: the C library falls back on clone.
  const int clone3 = __NR_clone3;
  answer_all(filter, &clone3, 1, SECCOMP_RET_ERRNO | ENOSYS);
  answer_all(filter, fatal, sizeof fatal / sizeof *fatal, SECCOMP_RET_KILL_PROCESS);
  answer_all(filter, refused, sizeof refused / sizeof *refused, SECCOMP_RET_ERRNO | EPERM);
  if (!may_listen) {
    answer_all(filter, listening, sizeof listening / sizeof *listening, SECCOMP_RET_ERRNO | EPERM);
  }
  weigh(filter, __NR_socket, 0, BPF_JEQ, may_listen ? AF_UNIX : ~0u, 0);
  // Threads, no processes; signals to itself alone; limits of itself alone; no typing into a terminal.
  uint32_t self = (uint32_t)getpid();
  weigh(filter, __NR_clone, 0, BPF_JSET, CLONE_THREAD, 0);
  weigh(filter, __NR_kill, 0, BPF_JEQ, self, 0);
  weigh(filter, __NR_tgkill, 0, BPF_JEQ, self, 0);
  weigh(filter, __NR_prlimit64, 0, BPF_JEQ, 0, 0);
  weigh(filter, __NR_ioctl, 1, BPF_JEQ, TIOCSTI, 1);
  answer(filter, SECCOMP_RET_ALLOW);
}

int farm_seccomp_enforce(int may_listen) {
  struct filter filter = {.count = 0};
  fill(&filter, may_listen);
  struct sock_fprog program = {filter.count, filter.code};
  // SPEC_ALLOW: scenes are data; older kernels would slow down every load for fear of code.
  unsigned flags = SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW;
  long code = syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
  // With TSYNC: the id of a thread that could not follow.
  return code == 0 ? 0 : code > 0 ? EBUSY : errno;
}
