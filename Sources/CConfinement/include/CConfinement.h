#pragma once
// Owner: Sources/Confinement. What Linux offers to a process that wants to be less than it is. Every function
// returns 0 or an errno, unless it says otherwise. All but the filter of system calls bind the calling thread
// and those it starts: call them while it is the only one.
#include <stddef.h>
#include <stdint.h>

/// What a path may be used for; a sum of these.
enum {
  FARM_MAY_READ = 1,
  FARM_MAY_WRITE = 2,
  /// Read, write and ioctl.
  FARM_MAY_DRIVE = 4,
};

/// Landlock's version in this kernel; 0 when it has none or it is off.
int farm_landlock_version(void);
/// Starts a set of rules under which nothing is allowed yet.
int farm_landlock_open(int version, int *rules);
/// Allows the use of a file, or of all below a folder. ENOENT when there is nothing.
int farm_landlock_allow(int rules, int version, const char *path, int uses);
/// Puts the rules into force and closes them.
int farm_landlock_enforce(int rules);

/// Puts the filter of system calls into force, in all threads. `may_listen`: Unix sockets may be made and
/// listen, but none connects.
int farm_seccomp_enforce(int may_listen);

/// Moves into a network of its own with nothing in it, through a user namespace when that is needed.
int farm_leave_network(void);
/// Gives up every capability, and what a program file could give.
int farm_drop_privileges(void);
/// Closes every descriptor from `first` on.
int farm_close_from(unsigned first);
/// Erases the environment but for variables whose names start with one of the prefixes; also where
/// /proc/self/environ shows it.
void farm_keep_environment(const char *const *prefixes, size_t count);
