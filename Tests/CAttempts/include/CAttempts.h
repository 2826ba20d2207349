#pragma once

/// Tries what a renderer has no business with. Returns 0 when it worked, else an errno; -1 for a name that is
/// none.
int attempt(const char *name, const char *argument);

/// Makes the kernel look as if it had no Landlock, for this process and all that it starts.
int hide_landlock(void);
