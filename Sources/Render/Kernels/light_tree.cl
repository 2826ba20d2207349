// Which light next-event estimation asks: drawn by importance for the point that asks, a bound on the
// irradiance it can get (after Conty Estevez & Kulla 2018, "Importance Sampling of Many Lights with Adaptive
// Tree Splitting"). At the top up to LIGHT_ROOTS_MAX nodes and the environment are weighed against each
// other, every lane the same ones; below them a binary tree. All from the point alone, so that the
// probability of an emitter that a ray has hit can be worked out from where the ray started.

// Least importance of the environment, in units of that of all emitters: two samples of five.
#define ENVIRONMENT_LEAST 0.666f

// Importance of a node from `point`; `node(field)` gives a field of it.
#define LIGHT_IMPORTANCE(point, node)                                                                        \
  light_importance(                                                                                          \
      v3_subtract(point, v3(node(LIGHT_CENTER), node(LIGHT_CENTER + 1), node(LIGHT_CENTER + 2))),            \
      v3(node(LIGHT_AXIS), node(LIGHT_AXIS + 1), node(LIGHT_AXIS + 2)), node(LIGHT_SPREAD),                  \
      node(LIGHT_NEAR), node(LIGHT_BACK), node(LIGHT_SLOPE), node(LIGHT_OFFSET), node(LIGHT_SIZE),           \
      node(LIGHT_POWER))

// `to_point`: from the node's centre.
INLINE F light_importance(
    V3 to_point, V3 axis, F spread, F near, F back, F slope, F offset, F size, F power) {
  F scale = inverse_root(fma(v3_dot(to_point, to_point), near, spread));
  F cosine = v3_dot(to_point, axis) * scale;
  cosine = max_lane(cosine, cosine * back);
  F facing = clamp_lane(fma(slope, cosine, fma(size, scale, offset)), 0.0f, 1.0f);
  return ((scale * scale) * facing) * power;
}

// Of root `root`, the same for all lanes.
INLINE F light_root_importance(const Scene *scene, int root, V3 point) {
  __global const float *node = (__global const float *)scene->light_nodes + root * LIGHT_WORDS;
#define UNIFORM_FIELD(field) ((F)(node[field]))
  return LIGHT_IMPORTANCE(point, UNIFORM_FIELD);
#undef UNIFORM_FIELD
}

INLINE F light_node_importance(const Scene *scene, I node, V3 point) {
#define LANE_FIELD(field) field_float(scene->light_nodes, node, LIGHT_WORDS, field)
  return LIGHT_IMPORTANCE(point, LANE_FIELD);
#undef LANE_FIELD
}

// Importance of the environment beside that of all roots: never so little that a lamp nearby takes all
// samples, because nobody knows here how much of the sky is seen.
INLINE F environment_importance(const Scene *scene, F roots) {
  float weight = scene->header.environment_weight;
  return weight > 0.0f ? max_lane((F)weight, roots * ENVIRONMENT_LEAST) : (F)0.0f;
}

// Sum over the roots, in the order in which light_choose adds them.
INLINE F light_roots_total(const Scene *scene, V3 point) {
  F total = (F)0.0f;
  for (int i = 0; i < scene->header.light_root_count; i++) {
    total = total + light_root_importance(scene, i, point);
  }
  return total;
}

// Probability that the environment is drawn from `point`.
INLINE F environment_probability(const Scene *scene, V3 point) {
  if (scene->header.light_root_count == 0) return (F)1.0f;
  F roots = light_roots_total(scene, point);
  F sky = environment_importance(scene, roots);
  return sky / (sky + roots);
}

// Probability of the first of two children from `point`; *possible: where one of them can light it.
INLINE F light_first_child(const Scene *scene, I child, V3 point, I *possible) {
  F first = light_node_importance(scene, child, point);
  F sum = first + light_node_importance(scene, child + 1, point);
  *possible = sum > 0.0f;
  return first / (*possible ? sum : (F)1.0f);
}

// Probability that `emitter` is drawn from `point`.
INLINE F emitter_probability(const Scene *scene, I emitter, V3 point) {
  if (!NEEDS(scene, FLAG_ENVIRONMENT) && scene->header.light_node_count == 1) return (F)1.0f;
  // Where all roots are leaves, they are in the order of the emitters.
  int flat = !NEEDS(scene, FLAG_LIGHT_TREE);
  I node = flat ? emitter : field_int(scene->emitters, emitter, EMITTER_WORDS, EMITTER_ROOT);
  F roots = light_roots_total(scene, point);
  F total = environment_importance(scene, roots) + roots;
  F probability = light_node_importance(scene, node, point) / (total > 0.0f ? total : (F)1.0f);
  if (flat) return probability;
  U trail = AS_U(field_int(scene->emitters, emitter, EMITTER_WORDS, EMITTER_TRAIL));
  for (int level = 0; level < LIGHT_LEVELS_MAX; level++) {
    I child = field_int(scene->light_nodes, node, LIGHT_WORDS, LIGHT_CHILD);
    I inner = child >= 0;
    if (!lane_bits(inner)) break;
    I possible, second = AS_I(trail & 1u);
    F first = light_first_child(scene, inner ? child : (I)0, point, &possible);
    F factor = second != 0 ? 1.0f - first : first;
    probability = probability * (inner ? (possible ? factor : (F)0.0f) : (F)1.0f);
    node = inner ? child + second : node;
    trail = trail >> 1;
  }
  return probability;
}

// `u` within the part low ..< low + width of the unit interval, stretched to the whole.
INLINE F stretched(F u, F low, F width) {
  return clamp_lane((u - low) / (width > 0.0f ? width : (F)1.0f), 0.0f, ONE_MINUS_EPSILON);
}

// Below root `node`: the emitter, by *u, which is used up and stretched again.
APART I light_descend(const Scene *scene, I node, V3 point, F *u, F *probability) {
  I child = field_int(scene->light_nodes, node, LIGHT_WORDS, LIGHT_CHILD);
  for (int level = 0; level < LIGHT_LEVELS_MAX; level++) {
    I inner = child >= 0;
    if (!lane_bits(inner)) break;
    I possible;
    F first = light_first_child(scene, inner ? child : (I)0, point, &possible);
    I second = *u >= first;
    F factor = second ? 1.0f - first : first;
    F rest = stretched(*u, second ? first : (F)0.0f, factor);
    *u = inner ? rest : *u;
    *probability = *probability * (inner ? (possible ? factor : (F)0.0f) : (F)1.0f);
    node = inner ? (second ? child + 1 : child) : node;
    child = field_int(scene->light_nodes, node, LIGHT_WORDS, LIGHT_CHILD);
  }
  return ~child;
}

// The light to ask from `point`, by *u, which is used up and stretched again: an emitter, or
// EMITTER_ENVIRONMENT. *probability is 0 where nothing can light the point.
INLINE I light_choose(const Scene *scene, V3 point, F *u, F *probability) {
  int roots = scene->header.light_root_count;
  *probability = (F)1.0f;
  if (roots == 0) return (I)EMITTER_ENVIRONMENT;
  I node = (I)0;
  if (roots > 1 || NEEDS(scene, FLAG_ENVIRONMENT)) {
    F weights[LIGHT_ROOTS_MAX];
    F total = (F)0.0f;
    for (int i = 0; i < roots; i++) {
      weights[i] = light_root_importance(scene, i, point);
      total = total + weights[i];
    }
    F sum = environment_importance(scene, total), low = (F)0.0f, weight = sum;
    total = sum + total;
    F place = *u * total;
    node = (I)EMITTER_ENVIRONMENT;
    for (int i = 0; i < roots; i++) {
      I here = (place >= sum) & (weights[i] > 0.0f);
      node = here ? (I)i : node;
      low = here ? sum : low;
      weight = here ? weights[i] : weight;
      sum = sum + weights[i];
    }
    *u = stretched(place, low, weight);
    *probability = weight / (total > 0.0f ? total : (F)1.0f);
  }
  if (!NEEDS(scene, FLAG_LIGHT_TREE)) return node;
  I sky = node == (I)EMITTER_ENVIRONMENT;
  F rest = *u, probability_below = *probability;
  I emitter = light_descend(scene, sky ? (I)0 : node, point, &rest, &probability_below);
  *u = sky ? *u : rest;
  *probability = sky ? *probability : probability_below;
  return sky ? node : emitter;
}
