// The device's memory layout, shared by Swift (through this C target) and OpenCL C (compiled in front of
// every program). Only 4-byte scalars and fixed arrays of them: no float3, bool, size_t, enum or union, so
// that no compiler has a choice. Every size is asserted on the host here, and on the device by a probe kernel
// in the tests.
#ifndef DEVICE_TYPES_H
#define DEVICE_TYPES_H

#ifdef __OPENCL_VERSION__
typedef int device_int;
typedef uint device_uint;
#define DEVICE_STATIC_SIZE(type, bytes)
#else
#include <stdint.h>
typedef int32_t device_int;
typedef uint32_t device_uint;
#define DEVICE_STATIC_SIZE(type, bytes) \
  _Static_assert(sizeof(type) == (bytes), #type " must have " #bytes " bytes")
#endif

#define BVH_WIDTH 8
// A child slot with nothing in it. Other negative children are leaves: with INSTANCE_LEAF set, ~child is that
// bit and an index into the DeviceInstance array; else ~child = first_block * 8 + (block_count - 1).
#define BVH_EMPTY ((device_int)0x80000000)
#define INSTANCE_LEAF (1 << 30)
// Id of the unused lanes of a triangle block, and of a ray that hit nothing.
#define TRIANGLE_NONE ((device_int)0x7fffffff)
// Instance of what lies in the world as it is, with no map in between.
#define INSTANCE_NONE ((device_int)-1)
#define TEXTURE_NONE ((device_int)-1)
#define EMITTER_NONE ((device_int)-1)
// How a pixel weighs the light around it: its own square, or a window of radius 1.5 pixels.
#define FILTER_BOX 0
#define FILTER_BLACKMAN_HARRIS 1
#define DETAIL_NONE ((device_int)-1)
// Set in a triangle's id in a block: whether it is hit depends on its material's alpha there (cutout.cl).
#define TRIANGLE_CUTOUT ((device_int)0x40000000)

// Flags of a material. The header has those of all, as features that the scene needs of the kernels.
#define FLAG_DOUBLE_SIDED 1
#define FLAG_SPECULAR 2       // reflects by the GGX lobe
#define FLAG_TRANSMISSION 4
#define FLAG_SOLID 8          // transmission into a body, not through a thin sheet
#define FLAG_ANISOTROPIC 16
#define FLAG_CLEARCOAT 32
#define FLAG_UNLIT 64
#define FLAG_EMISSIVE 128
#define FLAG_CUTOUT 256       // alpha decides (MASK or BLEND)
#define FLAG_SINGLE_SIDED 512 // a camera does not see its back
// Has one of the textures `slots`, a bit each (1 << TEXTURE_...).
#define FLAG_TEXTURES_SHIFT 16
#define FLAGS_TEXTURES(slots) ((slots) << FLAG_TEXTURES_SHIFT)
// Features of the header alone.
#define FLAG_DETAILED 1024    // some vertex has a DeviceVertexDetail
#define FLAG_INSTANCES 2048   // some geometry is not in world space
#define FLAG_ENVIRONMENT 4096
#define FLAG_PUNCTUAL 8192    // some emitter has no size
#define FLAG_LIGHT_TREE 16384 // some root of the light tree has children
// Backs that a camera ray passes at most, and then sees the next: one that runs in a surface's own plane may
// meet it again without end.
#define SEE_THROUGH_MAX 64

// Rows of words that the stages of one lane keep of a path, and that they have of a launch's paths in all
// (stage_state.cl).
#define STAGE_PATH_ROWS 11
#define STAGE_ROWS 41

// Textures of a material.
#define TEXTURE_BASE_COLOR 0          // sRGB colour, alpha
#define TEXTURE_METALLIC_ROUGHNESS 1  // green: roughness, blue: metallic
#define TEXTURE_NORMAL 2
#define TEXTURE_EMISSION 3            // sRGB
#define TEXTURE_SPECULAR 4            // alpha
#define TEXTURE_SPECULAR_COLOR 5      // sRGB
#define TEXTURE_TRANSMISSION 6        // red
#define TEXTURE_ANISOTROPY 7          // red, green: direction; blue: strength
#define TEXTURE_CLEARCOAT 8           // red
#define TEXTURE_CLEARCOAT_ROUGHNESS 9 // green
#define MATERIAL_TEXTURES 10
#define TEXTURES_ALL 0x3ff             // as slots, a bit each

// What the choice of a light gives for the environment.
#define EMITTER_ENVIRONMENT ((device_int)0x7fffffff)
// Nodes that stand side by side at the top of the light tree, and levels below them.
#define LIGHT_ROOTS_MAX 32
#define LIGHT_LEVELS_MAX 32

// Kinds of emitter. With size: bit 0 for a parallelogram, bit 1 where both sides shine, bit 3 for a triangle
// whose radiance is its material's, by texture. Bit 2: without size.
#define EMITTER_TRIANGLE 0
#define EMITTER_PARALLELOGRAM 1
#define EMITTER_TWO_SIDED 2
#define EMITTER_TEXTURED 8
#define EMITTER_POINT 4
#define EMITTER_SPOT 5
#define EMITTER_DISTANT 6

// A node of an 8-wide BVH. Rows of 8 children: low x, high x, low y, high y, low z, high z, metres, padded by
// the builder (4e-6 relative); world space from the root (node 0) down to the instances, below them object
// space. Children are filled from slot 0.
typedef struct {
  float bounds[6][BVH_WIDTH];
  device_int child[BVH_WIDTH];  // >= 0: node index; BVH_EMPTY; otherwise a leaf
} DeviceBVHNode;
DEVICE_STATIC_SIZE(DeviceBVHNode, 224);

// Eight triangles of a leaf: rows of 8: vertex a x y z, vertex b x y z, vertex c x y z; metres, in the space
// of the leaf's node.
// Unused lanes have zero vertices (never hit) and id TRIANGLE_NONE.
typedef struct {
  float vertex[9][BVH_WIDTH];
  device_int triangle[BVH_WIDTH];  // index into the DeviceTriangle array
} DeviceTriangleBlock;
DEVICE_STATIC_SIZE(DeviceTriangleBlock, 320);

// A BVH placed in the world. Rows are the images of the x, y, z axes and of the origin.
typedef struct {
  float object_from_world[4][3];
  float world_from_object[4][3];
  device_int root;            // node
  device_int mirrored;        // 1: the map turns counter-clockwise into clockwise
  device_int first_triangle;  // of its DeviceTriangles
  device_int triangle_count;
  float padding;              // by which its BVH's boxes exceed their triangles on every side, object space
  device_int pad[3];
} DeviceInstance;
DEVICE_STATIC_SIZE(DeviceInstance, 128);

// A corner of one or more triangles; world space, or the object space of the instances that show them.
typedef struct {
  float position[3];     // metres
  float normal[3];       // unit length
  float uv[2];           // first set
} DeviceVertex;
DEVICE_STATIC_SIZE(DeviceVertex, 32);

// What only some vertices have, namely all of their mesh.
typedef struct {
  float tangent[4];      // unit length; w: the bitangent is cross(normal, tangent) * w
  float color[4];        // factor on the base colour and alpha, linear
  float uv[2];           // second set
} DeviceVertexDetail;
DEVICE_STATIC_SIZE(DeviceVertexDetail, 40);

// What shading needs of a triangle.
typedef struct {
  device_int vertex[3];  // a, b, c: indices into the vertices
  device_int material;
  device_int emitter;    // index into the emitter table, or EMITTER_NONE
  device_int detail;     // a vertex's index less this is that of its detail; DETAIL_NONE: it has none
} DeviceTriangle;
DEVICE_STATIC_SIZE(DeviceTriangle, 24);

// What a surface is made of (material.cl, bsdf.cl). Textures multiply the numbers.
typedef struct {
  float base_color[4];   // linear Rec.709 and alpha
  float emission[3];     // radiance
  float metallic;        // 0 ... 1
  float roughness;       // 0 ... 1
  device_int double_sided;  // 0 or 1
  device_int flags;      // FLAG_...
  float normal_scale;    // factor on x and y of the normal texture
  float alpha_cutoff;    // hit where alpha is at least this; negative: hit with probability alpha
  float ior;             // index of refraction, at least 1
  float specular;        // 0 ... 1
  float specular_color[3];  // factor on the reflectance at normal incidence
  float transmission;    // 0 ... 1
  float attenuation[3];  // of the volume, per metre
  float anisotropy;      // 0 ... 1
  float anisotropy_axis[2];  // cosine and sine of its direction, from the tangent towards the bitangent
  float clearcoat;       // 0 ... 1
  float clearcoat_roughness;  // 0 ... 1
  device_int albedo_table;    // first number in the albedo tables for the solid's two sides
  device_int texture[MATERIAL_TEXTURES];  // index of a DeviceTexture, or TEXTURE_NONE
} DeviceMaterial;
DEVICE_STATIC_SIZE(DeviceMaterial, 152);

// A material's use of a texture. Texels are one uint each, 0xAABBGGRR, row-major from the top left.
typedef struct {
  device_uint first_texel;
  device_int width;
  device_int height;
  device_int wrap_s;     // 0 repeat, 1 clamp, 2 mirror
  device_int wrap_t;
  device_int nearest;    // 0: bilinear
  device_int decoding;   // where red, green, blue are decoded: 0 sRGB, 256 linear; alpha is linear
  device_int uv_set;     // 0: of DeviceVertex, 1: of DeviceVertexDetail
  float place_u[3];      // image coordinates from texture coordinates: u, v, 1
  float place_v[3];
} DeviceTexture;
DEVICE_STATIC_SIZE(DeviceTexture, 56);

// A light. Lights without size are KHR_lights_punctual's.
typedef struct {
  float origin[3];         // metres, world space; a triangle's vertex a
  float edge_u[3];         // b - a; of a spot or distant light: the unit vector along which it shines
  float edge_v[3];         // c - a; of a spot or point: scale, offset of its falloff by cosine, 1 / range^2
  float area_vector[3];    // unit normal times area, square metres; zero without size
  float radiance[3];       // mean; without size: candela; of a distant light: lux
  device_int kind;         // EMITTER_TRIANGLE ...
  device_int triangle;     // (the first) in the DeviceTriangle array; -1 without size
  device_int root;         // root of the light tree that it is below, and from there the way to it:
  device_uint trail;       // bit i: whether to take the second child at level i
} DeviceEmitter;
DEVICE_STATIC_SIZE(DeviceEmitter, 76);

// A node of the light tree: a bound on the irradiance that its emitters bring to a point, at vector d from
// their centre: power * s^2 * clamp(slope * c + size * s + offset), where s = 1 / sqrt(near * d^2 + spread)
// and c = s * dot(d, axis), or its absolute value. Roots come first; the two children of a node are
// neighbours.
typedef struct {
  float center[3];         // by power; metres, world space
  float spread;            // mean squared distance of the light from the centre
  float axis[3];           // unit vector about which it shines
  float near;              // 1; 0 for distant lights
  float back;              // -1 where the side away from the axis counts like it, otherwise 1
  float slope;             // cosine of the cone of normals about the axis
  float offset;            // sine of it
  float size;              // largest distance of the light from the centre; 0 for flat ones
  float power;             // luminance: radiance times area, candela or lux; 1 over all and the environment
  device_int child;        // the first of two; ~emitter of a leaf
} DeviceLightNode;
DEVICE_STATIC_SIZE(DeviceLightNode, 56);

// Everything about a frame that is not an array. Environment texels: 3 floats each, radiance times strength,
// already turned by the rotation only in direction look-up (environment_cos/sin). Its importance table is
// over the cells between texel centres, height + 1 rows of them (environment.cl): a row of (height + 2)
// marginal CDF values followed by (height + 1) rows of (width + 1) conditional CDF values.
typedef struct {
  float world_from_camera[4][3];  // images of x, y, z axes and of the origin
  float tan_half_y_fov;
  device_int emitter_count;
  device_int environment_width;   // 0: no environment (black)
  device_int environment_height;
  float environment_cos;          // of the rotation about +Y
  float environment_sin;
  float environment_weight;       // against the importance of the light tree's roots
  float environment_integral;     // mean of luminance * sin(theta) over the unit square
  float scene_low[3];             // bounds of all triangles as placed, metres, world space
  float scene_high[3];
  device_int triangle_count;
  device_int node_count;          // 0: no triangles
  float half_height;              // of an orthographic image, metres; 0: a perspective camera
  float lens_radius;              // metres; 0: a pinhole
  float focus_distance;           // to the plane of focus, along the axis, metres
  device_int features;            // FLAG_... of the header, and of all materials but FLAG_DOUBLE_SIDED
  float box_padding;              // by which the tree's boxes exceed their triangles on every side, metres;
                                  // those of instances: DeviceInstance
  device_int light_root_count;    // the first of the light tree's nodes; at most LIGHT_ROOTS_MAX
  device_int light_node_count;
  device_int instance_count;
} DeviceSceneHeader;
DEVICE_STATIC_SIZE(DeviceSceneHeader, 144);

// One launch. Pixels come as a list, so that a tile, a whole image and a set of probes are the same work.
typedef struct {
  device_uint seed[4];
  device_int width;               // of the whole image
  device_int height;
  device_int max_depth;
  device_int transparent_background;
  device_uint first_sample;
  device_uint sample_count;
  device_uint pixel_count;        // entries of the pixel list; each is x | y << 16
  device_int filter;              // FILTER_BOX or FILTER_BLACKMAN_HARRIS
  device_int layers;              // whether first hits are noted
} DeviceLaunch;
DEVICE_STATIC_SIZE(DeviceLaunch, 52);

#endif
