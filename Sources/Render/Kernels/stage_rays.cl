// The stages that follow rays.
#if W == 1

// The stages of rays are there twice: code for cut-outs, though no triangle has any, costs a graphics
// processor a tenth of its speed.
#define CLOSEST_ARGUMENTS SCENE_ARGUMENTS, STATE_ARGUMENTS, uint paths, uint queue, uint again
#define CLOSEST_VALUES SCENE_VALUES, state, capacity, counts, paths, queue, again
#define SHADOW_ARGUMENTS SCENE_ARGUMENTS, STATE_ARGUMENTS, uint queue
#define SHADOW_VALUES SCENE_VALUES, state, capacity, counts, queue

// `paths`: the first row of this bounce's paths; `queue`: which count is theirs; again = 1: only those that
// have passed a surface.
INLINE void find_closest(CLOSEST_ARGUMENTS, int cutouts) {
  uint i = (uint)get_global_id(0);
  if (i >= counts[queue] || (again && ROW_INT(HIT_TRIANGLE, i) != TRIANGLE_PASSED)) return;
  Scene scene = scene_of(SCENE_VALUES);
  V3 o = ROW_V3(paths + PATH_ORIGIN, i), d = ROW_V3(paths + PATH_DIRECTION, i);
  RaySetup setup;
  ray_setup(o.x, o.y, o.z, d.x, d.y, d.z, scene.header.box_padding, &setup);
  Hit hit = hit_before(RAY_MISS_T);
  scene_intersect(&scene, &setup, 0, cutouts, &hit);
  ROW(HIT_T, i) = hit.t;
  ROW_INT(HIT_TRIANGLE, i) = hit.triangle;
  ROW_INT(HIT_INSTANCE, i) = hit.instance;
}
STAGE stage_closest(CLOSEST_ARGUMENTS) { find_closest(CLOSEST_VALUES, 0); }

// Adds the light of the shadow rays that hit nothing.
INLINE void find_shadow(SHADOW_ARGUMENTS, int cutouts) {
  uint i = (uint)get_global_id(0);
  if (i >= counts[queue]) return;
  Scene scene = scene_of(SCENE_VALUES);
  V3 o = ROW_V3(SHADOW_ORIGIN, i), d = ROW_V3(SHADOW_DIRECTION, i);
  RaySetup setup;
  ray_setup(o.x, o.y, o.z, d.x, d.y, d.z, scene.header.box_padding, &setup);
  Hit hit = hit_before(ROW(SHADOW_DISTANCE, i));
  if (scene_intersect(&scene, &setup, 1, cutouts, &hit)) return;
  uint number = (uint)ROW_INT(SHADOW_NUMBER, i);
  ROW_PUT_V3(ROW_LIGHT, number, v3_add(ROW_V3(ROW_LIGHT, number), ROW_V3(SHADOW_LIGHT, i)));
}
STAGE stage_shadow(SHADOW_ARGUMENTS) { find_shadow(SHADOW_VALUES, 0); }

#if FEATURES & FLAG_CUTOUT
STAGE stage_closest_cutouts(CLOSEST_ARGUMENTS) { find_closest(CLOSEST_VALUES, 1); }
STAGE stage_shadow_cutouts(SHADOW_ARGUMENTS) { find_shadow(SHADOW_VALUES, 1); }
#endif
#endif
