// Times Embree on rays from a file: the same ones that our traversal gets (RayBenchmark).
//     embree MESH RAYS any(0|1) SECONDS
// MESH: 9 floats a triangle. RAYS: 7 floats a ray: origin, direction, length. Prints million rays a second for single
// rays and packets of 16 (processor time over both threads' share), build seconds, and how many rays hit.
// Built on demand:  gcc -O3 -march=native -o embree embree.c -lembree3 -lpthread
#define _GNU_SOURCE
#include <embree3/rtcore.h>
#include <pmmintrin.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <xmmintrin.h>

#define BATCH 4096
static RTCScene scene;
static const float *rays;
static long ray_count, next_ray, hit_count;
static int any, wide;

static double now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static float *read_floats(const char *path, long *count) {
  FILE *file = fopen(path, "rb");
  if (!file) { perror(path); exit(1); }
  fseek(file, 0, SEEK_END);
  long bytes = ftell(file);
  rewind(file);
  float *data = aligned_alloc(64, (size_t)(bytes + 127) / 64 * 64);
  *count = (long)fread(data, 4, (size_t)bytes / 4, file);
  fclose(file);
  return data;
}

static long trace_one(struct RTCIntersectContext *context, const float *r) {
  struct RTCRayHit q = {{r[0], r[1], r[2], 0, r[3], r[4], r[5], 0, r[6], (unsigned)-1, 0, 0}, {.primID = 0}};
  q.hit.geomID = RTC_INVALID_GEOMETRY_ID;
  if (any) {
    rtcOccluded1(scene, context, &q.ray);
    return q.ray.tfar < 0;
  }
  rtcIntersect1(scene, context, &q);
  return q.hit.geomID != RTC_INVALID_GEOMETRY_ID;
}

static long trace_sixteen(struct RTCIntersectContext *context, const float *r) {
  struct RTCRayHit16 q;
  int valid[16] __attribute__((aligned(64)));
  memset(&q, 0, sizeof q);
  for (int k = 0; k < 16; k++, r += 7) {
    valid[k] = -1;
    q.ray.org_x[k] = r[0], q.ray.org_y[k] = r[1], q.ray.org_z[k] = r[2];
    q.ray.dir_x[k] = r[3], q.ray.dir_y[k] = r[4], q.ray.dir_z[k] = r[5];
    q.ray.tfar[k] = r[6];
    q.ray.mask[k] = (unsigned)-1;
    q.hit.geomID[k] = RTC_INVALID_GEOMETRY_ID;
  }
  if (any) {
    rtcOccluded16(valid, scene, context, &q.ray);
  } else {
    rtcIntersect16(valid, scene, context, &q);
  }
  long hits = 0;
  for (int k = 0; k < 16; k++) hits += any ? q.ray.tfar[k] < 0 : q.hit.geomID[k] != RTC_INVALID_GEOMETRY_ID;
  return hits;
}

static void *work(void *unused) {
  _MM_SET_FLUSH_ZERO_MODE(_MM_FLUSH_ZERO_ON);
  _MM_SET_DENORMALS_ZERO_MODE(_MM_DENORMALS_ZERO_ON);
  struct RTCIntersectContext context;
  rtcInitIntersectContext(&context);
  context.flags = wide ? RTC_INTERSECT_CONTEXT_FLAG_COHERENT : RTC_INTERSECT_CONTEXT_FLAG_INCOHERENT;
  long hits = 0;
  for (;;) {
    long first = __sync_fetch_and_add(&next_ray, BATCH);
    if (first >= ray_count) break;
    long end = first + BATCH < ray_count ? first + BATCH : ray_count;
    for (long i = first; i < end; i += wide ? 16 : 1)
      hits += wide ? trace_sixteen(&context, rays + 7 * i) : trace_one(&context, rays + 7 * i);
  }
  __sync_fetch_and_add(&hit_count, hits);
  return unused;
}

// Best of the passes that fit into `seconds`: million rays a second of processor time times the cores.
static double rate(double seconds) {
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  double best = 0, end = now(CLOCK_MONOTONIC) + seconds;
  do {
    pthread_t threads[64];
    double start = now(CLOCK_PROCESS_CPUTIME_ID);
    next_ray = hit_count = 0;
    for (long i = 0; i < cores && i < 64; i++) pthread_create(threads + i, 0, work, 0);
    for (long i = 0; i < cores && i < 64; i++) pthread_join(threads[i], 0);
    double took = (now(CLOCK_PROCESS_CPUTIME_ID) - start) / (double)cores;
    double found = (double)ray_count / took * 1e-6;
    if (found > best) best = found;
  } while (now(CLOCK_MONOTONIC) < end);
  return best;
}

int main(int argc, char **argv) {
  if (argc != 5) { fprintf(stderr, "usage: embree MESH RAYS any(0|1) SECONDS\n"); return 2; }
  long floats, ray_floats;
  const float *mesh = read_floats(argv[1], &floats);
  rays = read_floats(argv[2], &ray_floats);
  ray_count = ray_floats / 7 / 16 * 16;
  any = atoi(argv[3]);
  long triangles = floats / 9;
  RTCDevice device = rtcNewDevice(0);
  scene = rtcNewScene(device);
  RTCGeometry geometry = rtcNewGeometry(device, RTC_GEOMETRY_TYPE_TRIANGLE);
  float *vertices = rtcSetNewGeometryBuffer(
      geometry, RTC_BUFFER_TYPE_VERTEX, 0, RTC_FORMAT_FLOAT3, 12, (size_t)(3 * triangles));
  unsigned *indices = rtcSetNewGeometryBuffer(
      geometry, RTC_BUFFER_TYPE_INDEX, 0, RTC_FORMAT_UINT3, 12, (size_t)triangles);
  memcpy(vertices, mesh, (size_t)floats * 4);
  for (long i = 0; i < 3 * triangles; i++) indices[i] = (unsigned)i;
  rtcCommitGeometry(geometry);
  rtcAttachGeometry(scene, geometry);
  double start = now(CLOCK_MONOTONIC);
  rtcCommitScene(scene);
  double build = now(CLOCK_MONOTONIC) - start;
  double single = rate(atof(argv[4]));
  wide = 1;
  double packets = rate(atof(argv[4]));
  printf("{\"embree1_mrays_s\": %.2f, \"embree16_mrays_s\": %.2f, \"embree_build_s\": %.3f, \"embree_hits\": %ld}\n",
         single, packets, build, hit_count);
  return 0;
}
