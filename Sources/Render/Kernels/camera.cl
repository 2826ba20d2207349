// Pinhole camera, looking along its -Z; every sample lies inside its pixel (box filter of one pixel).

INLINE V3 camera_direction(
    const DeviceSceneHeader *header, __global const DeviceLaunch *launch, I x, I y, F u, F v) {
  float width = (float)launch->width, height = (float)launch->height;
  float tan_y = header->tan_half_y_fov;
  float tan_x = tan_y * (width / height);
  F sx = fma(TO_F(x) + u, (F)(2.0f / width), (F)-1.0f) * tan_x;
  F sy = fma(TO_F(y) + v, (F)(-2.0f / height), (F)1.0f) * tan_y;
  V3 right = v3_scalar(
      header->world_from_camera[0][0], header->world_from_camera[0][1], header->world_from_camera[0][2]);
  V3 up = v3_scalar(
      header->world_from_camera[1][0], header->world_from_camera[1][1], header->world_from_camera[1][2]);
  V3 forward = v3_scalar(
      -header->world_from_camera[2][0], -header->world_from_camera[2][1], -header->world_from_camera[2][2]);
  return v3_normalized(v3_scale_add(right, sx, v3_scale_add(up, sy, forward)), forward);
}

INLINE V3 camera_origin(const DeviceSceneHeader *header) {
  return v3_scalar(
      header->world_from_camera[3][0], header->world_from_camera[3][1], header->world_from_camera[3][2]);
}
