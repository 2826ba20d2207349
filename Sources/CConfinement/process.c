#define _GNU_SOURCE
#include "CConfinement.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char **environ;

static int write_file(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return errno;
  int code = write(file, text, strlen(text)) < 0 ? errno : 0;
  close(file);
  return code;
}

/// In a new user namespace one's own user and group are nobody's until they are named.
static int keep_ids(unsigned user, unsigned group) {
  char line[64];
  int code = write_file("/proc/self/setgroups", "deny");
  snprintf(line, sizeof line, "%u %u 1", user, user);
  if (code == 0) code = write_file("/proc/self/uid_map", line);
  snprintf(line, sizeof line, "%u %u 1", group, group);
  return code == 0 ? write_file("/proc/self/gid_map", line) : code;
}

int farm_leave_network(void) {
  unsigned user = geteuid(), group = getegid();
  if (unshare(CLONE_NEWNET | CLONE_NEWIPC) == 0) return 0;
  if (errno != EPERM) return errno;
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC) != 0) return errno;
  return keep_ids(user, group);
}

int farm_drop_privileges(void) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  // Of capabilities that this kernel does not know it says EINVAL; without CAP_SETPCAP there is nothing to
  // drop that no_new_privs would let in.
  for (int capability = 0; capability < 64; capability++) prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
  return syscall(__NR_capset, &header, none) == 0 ? 0 : errno;
}

int farm_close_from(unsigned first) {
#ifdef __NR_close_range
  return syscall(__NR_close_range, first, ~0u, 0) == 0 ? 0 : errno;
#else
  return ENOSYS;
#endif
}

static int is_kept(const char *variable, const char *const *prefixes, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (strncmp(variable, prefixes[i], strlen(prefixes[i])) == 0) return 1;
  }
  return 0;
}

void farm_keep_environment(const char *const *prefixes, size_t count) {
  char **kept = environ;
  for (char **variable = environ; variable && *variable; variable++) {
    if (is_kept(*variable, prefixes, count)) {
      *kept++ = *variable;
    } else {
      memset(*variable, 0, strlen(*variable));
    }
  }
  if (kept) *kept = NULL;
}
