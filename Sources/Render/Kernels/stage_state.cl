// One lane a work-item: each stage is a kernel over all paths of a launch, so that work-items side by side do
// the same. State lies in rows of `capacity` words in the device's memory. Survivors and shadow rays are
// written next to each other, in an order that may differ from run to run; but every path adds its own light
// in the order of its bounces, and samples become whole numbers before they are added: hence the same bits.
#if W == 1

// Rows of the state. A path is one column of PATH_ROWS of them; of these there are two sets, for this bounce
// and for the next.
enum {
  PATH_ORIGIN = 0,
  PATH_DIRECTION = 3,
  PATH_THROUGHPUT = 6,
  PATH_DENSITY = 9,
  PATH_NUMBER = 10,  // within the launch: the samples of a pixel lie next to each other
  PATH_ROWS = STAGE_PATH_ROWS,
  HIT_T = 2 * PATH_ROWS,
  HIT_TRIANGLE,
  HIT_INSTANCE,
  SHADOW_ORIGIN,
  SHADOW_DIRECTION = SHADOW_ORIGIN + 3,
  SHADOW_DISTANCE = SHADOW_DIRECTION + 3,
  SHADOW_LIGHT,
  SHADOW_NUMBER = SHADOW_LIGHT + 3,
  ROW_LIGHT,  // from here on by the path's number: light gained,
  ROW_COVER = ROW_LIGHT + 3,  // whether the camera ray saw something,
  ROW_RAYS,  // rays traced
  ROWS
};
_Static_assert(ROWS == STAGE_ROWS, "the host makes room for STAGE_ROWS rows");

// `counts`: of bounce b at 2 b its paths, at 2 b + 1 its shadow rays; behind the last, how often camera rays
// have passed a surface. All but the first start at 0.
#define STATE_ARGUMENTS __global float *state, uint capacity, __global uint *counts
#define ROW(row, column) state[(size_t)(row) * capacity + (column)]
#define ROW_INT(row, column) ((__global int *)state)[(size_t)(row) * capacity + (column)]
#define ROW_V3(row, column) v3(ROW(row, column), ROW((row) + 1, column), ROW((row) + 2, column))
#define ROW_PUT_V3(row, column, vector)                                                                      \
  do {                                                                                                       \
    V3 put = vector;                                                                                         \
    ROW(row, column) = put.x;                                                                                \
    ROW((row) + 1, column) = put.y;                                                                          \
    ROW((row) + 2, column) = put.z;                                                                          \
  } while (0)

#ifndef WORK_GROUP
#define WORK_GROUP 64
#endif
#define STAGE __kernel __attribute__((reqd_work_group_size(WORK_GROUP, 1, 1))) void

// Instead of a triangle's number: the camera ray goes on behind the back of a single-sided surface.
#define TRIANGLE_PASSED 0x7ffffffe

// Writes a path; its key and its sample's index come from its number.
#define PATH_PUT(rows, column, path, path_number)                                                            \
  do {                                                                                                       \
    ROW_PUT_V3((rows) + PATH_ORIGIN, column, (path).origin);                                                 \
    ROW_PUT_V3((rows) + PATH_DIRECTION, column, (path).direction);                                           \
    ROW_PUT_V3((rows) + PATH_THROUGHPUT, column, (path).throughput);                                         \
    ROW((rows) + PATH_DENSITY, column) = (path).density;                                                     \
    ROW_INT((rows) + PATH_NUMBER, column) = (int)(path_number);                                              \
  } while (0)
#endif
