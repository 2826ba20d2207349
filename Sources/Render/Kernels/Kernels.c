#include "Kernels.h"

static const char prelude_cl[] = {
#embed "prelude.cl"
    , 0};
static const char devicetypes_h[] = {
#embed "include/DeviceTypes.h"
    , 0};
static const char maths_cl[] = {
#embed "maths.cl"
    , 0};
static const char sampler_cl[] = {
#embed "sampler.cl"
    , 0};
static const char scene_cl[] = {
#embed "scene.cl"
    , 0};
static const char camera_cl[] = {
#embed "camera.cl"
    , 0};
static const char texture_cl[] = {
#embed "texture.cl"
    , 0};
static const char surface_cl[] = {
#embed "surface.cl"
    , 0};
static const char material_cl[] = {
#embed "material.cl"
    , 0};
static const char cutout_cl[] = {
#embed "cutout.cl"
    , 0};
static const char ray_cl[] = {
#embed "ray.cl"
    , 0};
static const char triangle_cl[] = {
#embed "triangle.cl"
    , 0};
static const char bvh_cl[] = {
#embed "bvh.cl"
    , 0};
static const char ggx_cl[] = {
#embed "ggx.cl"
    , 0};
static const char glass_cl[] = {
#embed "glass.cl"
    , 0};
static const char bsdf_cl[] = {
#embed "bsdf.cl"
    , 0};
static const char lobes_cl[] = {
#embed "lobes.cl"
    , 0};
static const char environment_cl[] = {
#embed "environment.cl"
    , 0};
static const char light_tree_cl[] = {
#embed "light_tree.cl"
    , 0};
static const char emitter_cl[] = {
#embed "emitter.cl"
    , 0};
static const char light_cl[] = {
#embed "light.cl"
    , 0};
static const char accumulate_cl[] = {
#embed "accumulate.cl"
    , 0};
static const char layers_cl[] = {
#embed "layers.cl"
    , 0};
static const char path_cl[] = {
#embed "path.cl"
    , 0};
static const char launch_cl[] = {
#embed "launch.cl"
    , 0};
static const char packet_cl[] = {
#embed "packet.cl"
    , 0};
static const char wavefront_cl[] = {
#embed "wavefront.cl"
    , 0};
static const char stage_state_cl[] = {
#embed "stage_state.cl"
    , 0};
static const char stage_paths_cl[] = {
#embed "stage_paths.cl"
    , 0};
static const char stage_rays_cl[] = {
#embed "stage_rays.cl"
    , 0};
static const char stage_shade_cl[] = {
#embed "stage_shade.cl"
    , 0};
static const char entry_cl[] = {
#embed "entry.cl"
    , 0};
static const char conformance_txt[] = {
#embed "conformance.txt"
    , 0};

static const struct {
  const char *name;
  const char *text;
} sources[] = {
    {"prelude.cl", prelude_cl},
    {"DeviceTypes.h", devicetypes_h},
    {"maths.cl", maths_cl},
    {"sampler.cl", sampler_cl},
    {"scene.cl", scene_cl},
    {"camera.cl", camera_cl},
    {"texture.cl", texture_cl},
    {"surface.cl", surface_cl},
    {"material.cl", material_cl},
    {"cutout.cl", cutout_cl},
    {"ray.cl", ray_cl},
    {"triangle.cl", triangle_cl},
    {"bvh.cl", bvh_cl},
    {"ggx.cl", ggx_cl},
    {"glass.cl", glass_cl},
    {"bsdf.cl", bsdf_cl},
    {"lobes.cl", lobes_cl},
    {"environment.cl", environment_cl},
    {"light_tree.cl", light_tree_cl},
    {"emitter.cl", emitter_cl},
    {"light.cl", light_cl},
    {"accumulate.cl", accumulate_cl},
    {"layers.cl", layers_cl},
    {"path.cl", path_cl},
    {"launch.cl", launch_cl},
    {"packet.cl", packet_cl},
    {"wavefront.cl", wavefront_cl},
    {"stage_state.cl", stage_state_cl},
    {"stage_paths.cl", stage_paths_cl},
    {"stage_rays.cl", stage_rays_cl},
    {"stage_shade.cl", stage_shade_cl},
    {"entry.cl", entry_cl},
};

int kernel_source_count(void) { return sizeof sources / sizeof sources[0]; }
const char *kernel_source_name(int index) { return sources[index].name; }
const char *kernel_source_text(int index) { return sources[index].text; }
const char *kernel_conformance_digests(void) { return conformance_txt; }
