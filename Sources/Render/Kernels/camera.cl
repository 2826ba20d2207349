// Where a pixel's samples start and go: filter, projection, lens. A camera looks along its -Z.

// Place of a sample by the four-term Blackman-Harris window of radius 1.5 pixels (Harris 1978), from a
// uniform number: pixels from the pixel's left or top edge, -1 ... 2. The inverse of the window's integral,
// fitted in the fourth root of the nearer tail; the integral of the result is `u` to 6e-6.
INLINE F blackman_harris_place(F u) {
  I left = u < 0.5f;
  F s = square_root(square_root(left ? u : 1.0f - u));
  F p = fma(fma((F)15.312484f, s, (F)-46.82683f), s, (F)60.759853f);
  p = fma(fma(p, s, (F)-42.174965f), s, (F)16.68803f);
  p = fma(fma(p, s, (F)-3.2539074f), s, (F)0.20782222f);
  p = fma(p, s, (F)0.60067034f);
  F from_centre = 3.0f * ((s - 0.8408964f) * p);
  from_centre = max_lane(from_centre, (F)-1.5f);
  return left ? 0.5f + from_centre : 0.5f - from_centre;
}

// The camera ray through a place in the image, pixels from its top left. u, v: a uniform place on the lens.
INLINE void camera_ray(
    const DeviceSceneHeader *header, __global const DeviceLaunch *launch, F place_x, F place_y, F u, F v,
    V3 *origin, V3 *direction) {
  float width = (float)launch->width, height = (float)launch->height;
  int parallel = header->half_height > 0.0f;
  float half_y = parallel ? header->half_height : header->tan_half_y_fov;
  float half_x = half_y * (width / height);
  F sx = fma(place_x, (F)(2.0f / width), (F)-1.0f) * half_x;
  F sy = fma(place_y, (F)(-2.0f / height), (F)1.0f) * half_y;
  V3 right = v3_scalar(
      header->world_from_camera[0][0], header->world_from_camera[0][1], header->world_from_camera[0][2]);
  V3 up = v3_scalar(
      header->world_from_camera[1][0], header->world_from_camera[1][1], header->world_from_camera[1][2]);
  V3 forward = v3_scalar(
      -header->world_from_camera[2][0], -header->world_from_camera[2][1], -header->world_from_camera[2][2]);
  V3 eye = v3_scalar(
      header->world_from_camera[3][0], header->world_from_camera[3][1], header->world_from_camera[3][2]);
  // One step along it is a metre along the axis.
  V3 step = forward;
  *origin = eye;
  if (parallel) {
    *origin = v3_scale_add(right, sx, v3_scale_add(up, sy, eye));
  } else {
    step = v3_scale_add(right, sx, v3_scale_add(up, sy, forward));
  }
  if (header->lens_radius > 0.0f) {
    F radius = square_root(u) * header->lens_radius, sine, cosine;
    sincos_turns(v, &sine, &cosine);
    V3 aside = v3_scale_add(right, radius * cosine, v3_scale(up, radius * sine));
    *origin = v3_add(*origin, aside);
    step = v3_subtract(v3_scale(step, (F)header->focus_distance), aside);
  }
  *direction = v3_normalized(step, forward);
}
