// The scene's arrays under one name, and a private copy of what is not an array.

// The features (FLAG_...) that this program has: all, or those that some scene needs. Less is compiled
// sooner, and gives the same bits.
#ifndef FEATURES
#define FEATURES (~0)
#endif
// Whether the program has one of `flags`; and whether the scene needs one of them, too.
#define CAN(flags) ((FEATURES & (flags)) != 0)
#define NEEDS(scene, flags) (CAN(flags) && ((scene)->header.features & (flags)))
// Materials with lobes beside Lambert's.
#define FLAGS_LAYERED (FLAG_SPECULAR | FLAG_TRANSMISSION | FLAG_CLEARCOAT)

// In the order of the kernels' arguments.
#define SCENE_ARGUMENTS                                                                                      \
  __global const DeviceSceneHeader *header, __global const float *nodes, __global const float *blocks,      \
      __global const int *vertices, __global const int *triangles, __global const int *details,             \
      __global const int *materials, __global const int *textures, __global const uint *texels,             \
      __global const int *emitters, __global const int *light_nodes, __global const float *environment,     \
      __global const float *environment_cdf, __global const float *tables, __global const int *instances
#define SCENE_VALUES                                                                                         \
  header, nodes, blocks, vertices, triangles, details, materials, textures, texels, emitters, light_nodes,  \
      environment, environment_cdf, tables, instances

typedef struct {
  DeviceSceneHeader header;
  __global const float *nodes;
  __global const float *blocks;
  __global const int *vertices;
  __global const int *triangles;
  __global const int *details;
  __global const int *materials;
  __global const int *textures;
  __global const uint *texels;
  __global const int *emitters;
  __global const int *light_nodes;
  __global const float *environment;
  __global const float *environment_cdf;
  // Decoding of texels (256 of sRGB, 256 linear), then albedos (ggx.cl).
  __global const float *tables;
  __global const int *instances;
} Scene;

INLINE Scene scene_of(SCENE_ARGUMENTS) {
  Scene scene = {
      *header, nodes, blocks, vertices, triangles, details, materials, textures, texels, emitters,
      light_nodes, environment, environment_cdf, tables, instances};
  return scene;
}

// Words from the start of a struct to one of its fields.
#define VERTEX_WORDS 8
#define VERTEX_POSITION 0
#define VERTEX_NORMAL 3
#define VERTEX_UV 6
#define TRIANGLE_WORDS 6
#define TRIANGLE_VERTEX 0
#define TRIANGLE_MATERIAL 3
#define TRIANGLE_EMITTER 4
#define TRIANGLE_DETAIL 5
#define DETAIL_WORDS 10
#define DETAIL_TANGENT 0
#define DETAIL_COLOR 4
#define DETAIL_UV 8
#define MATERIAL_WORDS 38
#define MATERIAL_BASE_COLOR 0
#define MATERIAL_OPACITY 3
#define MATERIAL_EMISSION 4
#define MATERIAL_METALLIC 7
#define MATERIAL_ROUGHNESS 8
#define MATERIAL_DOUBLE_SIDED 9
#define MATERIAL_FLAGS 10
#define MATERIAL_NORMAL_SCALE 11
#define MATERIAL_ALPHA_CUTOFF 12
#define MATERIAL_IOR 13
#define MATERIAL_SPECULAR 14
#define MATERIAL_SPECULAR_COLOR 15
#define MATERIAL_TRANSMISSION 18
#define MATERIAL_ATTENUATION 19
#define MATERIAL_ANISOTROPY 22
#define MATERIAL_ANISOTROPY_AXIS 23
#define MATERIAL_CLEARCOAT 25
#define MATERIAL_CLEARCOAT_ROUGHNESS 26
#define MATERIAL_ALBEDO_TABLE 27
#define MATERIAL_TEXTURE 28
#define TEXTURE_WORDS 14
#define TEXTURE_UV_SET 7
#define TEXTURE_PLACE 8
#define INSTANCE_WORDS 32
#define INSTANCE_OBJECT_FROM_WORLD 0
#define INSTANCE_WORLD_FROM_OBJECT 12
#define INSTANCE_ROOT 24
#define INSTANCE_MIRRORED 25
#define INSTANCE_PADDING 28
#define EMITTER_WORDS 19
#define EMITTER_ORIGIN 0
#define EMITTER_EDGE_U 3
#define EMITTER_EDGE_V 6
#define EMITTER_AREA 9
#define EMITTER_RADIANCE 12
#define EMITTER_KIND 15
#define EMITTER_TRIANGLE_INDEX 16
#define EMITTER_ROOT 17
#define EMITTER_TRAIL 18
#define LIGHT_WORDS 14
#define LIGHT_CENTER 0
#define LIGHT_SPREAD 3
#define LIGHT_AXIS 4
#define LIGHT_NEAR 7
#define LIGHT_BACK 8
#define LIGHT_SLOPE 9
#define LIGHT_OFFSET 10
#define LIGHT_SIZE 11
#define LIGHT_POWER 12
#define LIGHT_CHILD 13

// Field `field` of element `index` of an array of structs of `words` words. Constants move the pointer, not
// the lanes' indices: that costs no instruction.
INLINE F field_float(__global const int *array, I index, int words, int field) {
  return gather((__global const float *)array + field, index * words);
}
INLINE I field_int(__global const int *array, I index, int words, int field) {
  return gather_int(array + field, index * words);
}
INLINE V3 field_v3(__global const int *array, I index, int words, int field) {
  __global const float *p = (__global const float *)array + field;
  I first = index * words;
  return v3(gather(p, first), gather(p + 1, first), gather(p + 2, first));
}

// A triangle's corners: indices into the vertices.
typedef struct { I a, b, c; } Vertices;
INLINE Vertices triangle_vertices(const Scene *scene, I triangle) {
  Vertices vertices = {
      field_int(scene->triangles, triangle, TRIANGLE_WORDS, TRIANGLE_VERTEX),
      field_int(scene->triangles, triangle, TRIANGLE_WORDS, TRIANGLE_VERTEX + 1),
      field_int(scene->triangles, triangle, TRIANGLE_WORDS, TRIANGLE_VERTEX + 2)};
  return vertices;
}
INLINE V3 vertex_v3(const Scene *scene, I vertex, int field) {
  return field_v3(scene->vertices, vertex, VERTEX_WORDS, field);
}
