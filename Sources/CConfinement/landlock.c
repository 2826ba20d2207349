// Numbers and layouts of linux/landlock.h up to version 6: the header of the oldest system we build on knows
// only the first ones.
#define _GNU_SOURCE
#include "CConfinement.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef __NR_landlock_create_ruleset
#define __NR_landlock_create_ruleset 444
#define __NR_landlock_add_rule 445
#define __NR_landlock_restrict_self 446
#endif

enum {
  WRITE_FILE = 1 << 1,
  READ_FILE = 1 << 2,
  READ_FOLDER = 1 << 3,
  MAKE_REGULAR = 1 << 8,
  /// Everything of version 1: to execute, write, read, remove and make.
  FILES_V1 = (1 << 13) - 1,
  /// To move between folders, since version 2; to truncate, since 3; ioctl of devices, since 5.
  REFER = 1 << 13,
  TRUNCATE = 1 << 14,
  DEVICE_IOCTL = 1 << 15,
  /// TCP, since version 4.
  TCP_BIND_AND_CONNECT = 3,
  /// Abstract Unix sockets and signals of others, since version 6.
  SCOPES = 3,
};

struct rules {
  uint64_t files;
  uint64_t network;
  uint64_t scopes;
};

struct path_rule {
  uint64_t allowed;
  int32_t parent;
} __attribute__((packed));

static uint64_t files_known(int version) {
  return FILES_V1 | (version >= 2 ? REFER : 0) | (version >= 3 ? TRUNCATE : 0) |
         (version >= 5 ? DEVICE_IOCTL : 0);
}

int farm_landlock_version(void) {
  long version = syscall(__NR_landlock_create_ruleset, NULL, 0, 1);
  return version < 0 ? 0 : (int)version;
}

int farm_landlock_open(int version, int *rules) {
  struct rules all = {
      files_known(version), version >= 4 ? TCP_BIND_AND_CONNECT : 0, version >= 6 ? SCOPES : 0};
  // An older kernel knows fewer fields, and refuses the size of more.
  size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
  long made = syscall(__NR_landlock_create_ruleset, &all, size, 0);
  if (made < 0) return errno;
  *rules = (int)made;
  return 0;
}

int farm_landlock_allow(int rules, int version, const char *path, int uses) {
  struct path_rule rule = {0, open(path, O_PATH | O_CLOEXEC)};
  if (rule.parent < 0) return errno;
  struct stat status;
  int code = fstat(rule.parent, &status) == 0 ? 0 : errno;
  int is_folder = code == 0 && S_ISDIR(status.st_mode);
  if (uses & (FARM_MAY_READ | FARM_MAY_DRIVE)) rule.allowed |= READ_FILE | (is_folder ? READ_FOLDER : 0);
  if (uses & (FARM_MAY_WRITE | FARM_MAY_DRIVE)) rule.allowed |= WRITE_FILE | TRUNCATE;
  if (uses & FARM_MAY_WRITE && is_folder) rule.allowed |= MAKE_REGULAR;
  if (uses & FARM_MAY_DRIVE) rule.allowed |= DEVICE_IOCTL;
  rule.allowed &= files_known(version);
  if (code == 0 && syscall(__NR_landlock_add_rule, rules, 1, &rule, 0) != 0) code = errno;
  close(rule.parent);
  return code;
}

int farm_landlock_enforce(int rules) {
  int code = syscall(__NR_landlock_restrict_self, rules, 0) == 0 ? 0 : errno;
  close(rules);
  return code;
}
