// What launches are given. Pixels are a list of x | y << 16; a launch adds its samples to the sums of pixels
// first_pixel ..< first_pixel + launch->pixel_count. rgba: 4 a pixel, units of 2^-30; work: rays traced;
// layer_sums and layer_points: as layers.cl says where launch->layers is set, else not touched.

#define JOB_ARGUMENTS __global const DeviceLaunch *launch, __global const uint *pixels, uint first_pixel
#define SUM_ARGUMENTS                                                                                        \
  __global long *rgba, __global uint *work, __global long *layer_sums, __global uint *layer_points
